"""What to talk about in each chapter: a sentence or two for somebody who sits before a camera and looks for a beginning."""

from dataclasses import dataclass

from stories.models import ChapterKind

PROMPT_TEXTS = {
    ChapterKind.START: "Where were you when it began? Say what you could not do then, and what an ordinary day was like.",
    ChapterKind.DOUBT: "What did you tell yourself about it? Say why you thought that it was nothing for you.",
    ChapterKind.SETBACK: "What did you try that went wrong? Tell it as it was: many people look for exactly this part.",
    ChapterKind.STRATEGY: "What did you do differently after that? Say what you changed, not how hard you tried.",
    ChapterKind.STEP: "What was the first small thing that worked? Say it so that somebody could try it tomorrow.",
    ChapterKind.RESULT: "How is it now? Say what you can do, and what is still hard.",
    ChapterKind.MESSAGE: "Somebody stands where you stood. What would you like to say to them?",
}


@dataclass(frozen=True)
class ChapterPrompt:
    """One chapter as its teller is asked for it."""

    kind: str
    title: str
    text: str


def chapter_prompts() -> list[ChapterPrompt]:
    """Return a prompt for each kind of chapter, in the order in which a story is told."""
    return [ChapterPrompt(kind.value, str(kind.label), PROMPT_TEXTS[kind]) for kind in ChapterKind]
