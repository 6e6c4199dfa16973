"""The review rubric, and the reasons for a decision with their explanations for tellers.

Decisions store the codes: the texts may change, but a code must keep its meaning and must not be removed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RubricItem(models.TextChoices):
    """The rubric; every item is true of a story that may be published."""

    OWN_STORY = "own_story", _("The teller tells their own story")
    NO_THIRD_PARTY = "no_third_party", _("Nobody else can be recognised")
    NO_METHOD_DETAIL = "no_method_detail", _("Nothing in it could guide someone towards harm")
    NO_MEDICAL_ADVICE = (
        "no_medical_advice",
        _("It says what the teller did, not what others should take or stop"),
    )
    HONEST_SETBACK = "honest_setback", _("It is honest about what was hard, or it is a plain how-to")
    CONTENT_NOTES_RIGHT = "content_notes_right", _("The content notes fit what is seen and heard")
    OUTCOME_RIGHT = "outcome_right", _("Challenge, rungs and outcome match the story")


class RubricAnswer(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNSURE = "unsure", _("Not sure")


@dataclass(frozen=True)
class DecisionReason:
    """One reason not to publish a story as it is.

    `label` is for reviewers and the story's history, `to_teller` explains it to the teller, and `fix` says what would
    help. `item` is the rubric item that it belongs to, if any.
    """

    code: str
    label: Promise
    to_teller: Promise
    fix: Promise
    item: RubricItem | None = None


_DECISION_REASONS = (
    DecisionReason(
        "not_own_story",
        _("Someone else's story"),
        _("Most of this story happened to someone else."),
        _(
            "Tell us what you went through yourself, even if it seems smaller. That is what helps other people."
        ),
        RubricItem.OWN_STORY,
    ),
    DecisionReason(
        "third_party_named",
        _("Someone else is named"),
        _("Another person is named, who may not know that they are part of this story."),
        _("Leave the name out, or say “a friend”, “my manager” or “my sister” instead."),
        RubricItem.NO_THIRD_PARTY,
    ),
    DecisionReason(
        "third_party_recognisable",
        _("Someone else can be recognised"),
        _("Another person can be seen or heard, or could be recognised from what you say about them."),
        _("Record that part again without them, or with fewer details about who and where they are."),
        RubricItem.NO_THIRD_PARTY,
    ),
    DecisionReason(
        "own_contact_details",
        _("The teller can be traced"),
        _("Something in it, such as an address, a number or a badge, would let strangers find you."),
        _("Leave it out, or keep it out of the picture, so that you choose who knows where you are."),
    ),
    DecisionReason(
        "method_detail",
        _("Details of harm"),
        _("It describes how someone was hurt, or hurt themselves, in enough detail to be copied."),
        _(
            "Say that it was a very hard time and how you got through it. You do not need to say how it was done."
        ),
        RubricItem.NO_METHOD_DETAIL,
    ),
    DecisionReason(
        "amounts_and_numbers",
        _("Weights, amounts or counts"),
        _(
            "It gives figures, such as weights, calories or amounts, that can harm people who struggle with them."
        ),
        _("Tell it without the figures: “less than I needed” is enough."),
        RubricItem.NO_METHOD_DETAIL,
    ),
    DecisionReason(
        "medical_advice",
        _("Advice about treatment"),
        _("It tells viewers what to take, stop or leave out, and that may be wrong for them."),
        _("Say what you did and who you asked, and suggest that viewers ask someone they trust."),
        RubricItem.NO_MEDICAL_ADVICE,
    ),
    DecisionReason(
        "promises_too_much",
        _("Promises that it works for everyone"),
        _(
            "It promises that the same will work for everyone. People for whom it does not may blame themselves."
        ),
        _("Say that it worked for you, and what you would try next if it had not."),
        RubricItem.HONEST_SETBACK,
    ),
    DecisionReason(
        "setback_missing",
        _("The hard part is missing"),
        _("It goes straight from the start to the good end. Viewers who are stuck need the part in between."),
        _("Add a moment when it went wrong or when you nearly gave up, and what you changed then."),
        RubricItem.HONEST_SETBACK,
    ),
    DecisionReason(
        "content_notes_do_not_fit",
        _("Content notes do not fit"),
        _(
            "The content notes do not match the story, so people cannot choose what they want to see and hear."
        ),
        _("Look through the list again, and mark only what is in the story."),
        RubricItem.CONTENT_NOTES_RIGHT,
    ),
    DecisionReason(
        "outcome_does_not_fit",
        _("Rungs or outcome do not fit"),
        _("The start, the end or the outcome marked for this story does not match it."),
        _("Mark where you really started and where you are now. Part of the way is a good place to be."),
        RubricItem.OUTCOME_RIGHT,
    ),
    DecisionReason(
        "another_challenge",
        _("Belongs to another challenge"),
        _("It is mostly about something other than its challenge."),
        _("Choose the challenge that fits best, and tell your story there."),
        RubricItem.OUTCOME_RIGHT,
    ),
    DecisionReason(
        "hard_to_follow",
        _("Hard to see or hear"),
        _("Parts of the recording are hard to see or hear."),
        _("Record those parts again, somewhere quiet and with the light in front of you."),
    ),
    DecisionReason(
        "captions_do_not_fit",
        _("Captions do not fit"),
        _("The captions say something different from you, and some viewers rely on them."),
        _("Read them while you watch the recording, and correct what is wrong."),
    ),
    DecisionReason(
        "puts_people_down",
        _("Puts people down"),
        _("Something in it looks down on other people, and some of them will be watching."),
        _("Say what happened and how it felt for you, without judging the other people."),
    ),
    DecisionReason(
        "advertising",
        _("Advertises something"),
        _("It recommends something to buy, join or follow."),
        _("Leave out names, prices and links. Say what kind of thing helped you."),
    ),
    DecisionReason(
        "worried_about_teller",
        _("Worried about the teller"),
        _("It sounds as if you are still going through something very hard. You matter more than a story."),
        _(
            "Please talk to someone today. “Help now” on every page shows who you can call. The story can wait."
        ),
    ),
)
DECISION_REASONS: Mapping[str, DecisionReason] = {reason.code: reason for reason in _DECISION_REASONS}


def reason_labels(codes: Iterable[str]) -> str:
    """Return the labels of the reasons, separated by semicolons."""
    return "; ".join(str(DECISION_REASONS[code].label) for code in codes)
