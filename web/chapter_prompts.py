"""Prompts for the recorder: what a teller can talk about in each chapter."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from stories.models import ChapterKind

PROMPT_TEXTS = {
    ChapterKind.START: _(
        "Where were you when it started? Say what you could not do then, and what an ordinary day was like."
    ),
    ChapterKind.DOUBT: _("What did you think about yourself? Say why you thought you could never do it."),
    ChapterKind.SETBACK: _(
        "What did you try that went wrong? Describe it as it was. Many people look for exactly this part."
    ),
    ChapterKind.STRATEGY: _(
        "What did you do differently after that? Say what you changed, not how hard you tried."
    ),
    ChapterKind.STEP: _(
        "What was the first small thing that worked? Describe it so that someone could try it tomorrow."
    ),
    ChapterKind.RESULT: _("How is it now? Say what you can do, and what is still hard."),
    ChapterKind.MESSAGE: _("Someone is now where you were then. What would you like to say to them?"),
}


@dataclass(frozen=True)
class ChapterPrompt:
    kind: str
    title: str
    text: str


def chapter_prompts() -> list[ChapterPrompt]:
    """Return one prompt per kind of chapter, in story order and in the active language."""
    return [ChapterPrompt(kind.value, str(kind.label), str(PROMPT_TEXTS[kind])) for kind in ChapterKind]
