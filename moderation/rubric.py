"""What reviewers look at, one question at a time, and the coded reasons that a teller reads in plain words.

Codes are kept with every decision for good: word a reason better whenever you can, but never let a code change
its meaning, and never take one away that decisions carry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models


class RubricItem(models.TextChoices):
    """The rubric: each is true of a story that may be shown."""

    OWN_STORY = "own_story", "The teller tells their own story"
    NO_THIRD_PARTY = "no_third_party", "Nobody else can be recognised"
    NO_METHOD_DETAIL = "no_method_detail", "Nothing in it could guide somebody towards harm"
    NO_MEDICAL_ADVICE = (
        "no_medical_advice",
        "It says what the teller did, not what others should take or stop",
    )
    HONEST_SETBACK = "honest_setback", "What was hard is told honestly, or it is a plain how-to"
    CONTENT_NOTES_RIGHT = "content_notes_right", "The content notes fit what is seen and heard"
    OUTCOME_RIGHT = "outcome_right", "Challenge, rungs and outcome are as the story tells them"


class RubricAnswer(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Not sure"


@dataclass(frozen=True)
class DecisionReason:
    """One reason for not publishing a story as it stands.

    `label` names it for reviewers and in the story's history, `to_teller` says what was noticed, `fix` what would
    help. `item` is the rubric item that it belongs to, if any.
    """

    code: str
    label: str
    to_teller: str
    fix: str
    item: RubricItem | None = None


_DECISION_REASONS = (
    DecisionReason(
        "not_own_story",
        "Somebody else's story",
        "Most of this story happened to somebody else.",
        "Tell what you went through yourself, even if it seems smaller: it is what others can lean on.",
        RubricItem.OWN_STORY,
    ),
    DecisionReason(
        "third_party_named",
        "Somebody else is named",
        "Another person is named, who may not know that they are part of this story.",
        "Leave the name out, or say “a friend”, “my manager”, “my sister” in its place.",
        RubricItem.NO_THIRD_PARTY,
    ),
    DecisionReason(
        "third_party_recognisable",
        "Somebody else can be recognised",
        "Another person can be seen or heard, or could be recognised by what is said about them.",
        "Record that part again without them, or with fewer details about who and where they are.",
        RubricItem.NO_THIRD_PARTY,
    ),
    DecisionReason(
        "own_contact_details",
        "The teller can be traced",
        "Something in it, such as an address, a number or a badge, would let strangers find you.",
        "Leave it out, or put it out of the picture, so that you choose who knows where you are.",
    ),
    DecisionReason(
        "method_detail",
        "Details of harm",
        "It describes how somebody was hurt, or hurt themselves, closely enough to be copied.",
        "Say that it was a very hard time and how you got through it; how it was done is not needed.",
        RubricItem.NO_METHOD_DETAIL,
    ),
    DecisionReason(
        "amounts_and_numbers",
        "Weights, amounts or counts",
        "It gives figures, such as weights, calories or amounts, that can pull at people who struggle with them.",
        "Tell it without the figures: “less than I needed” says as much.",
        RubricItem.NO_METHOD_DETAIL,
    ),
    DecisionReason(
        "medical_advice",
        "Advice about treatment",
        "It tells viewers what to take, stop or leave out, and that may be wrong for their body.",
        "Say what you did and who you asked, and leave it to viewers to ask somebody of their own.",
        RubricItem.NO_MEDICAL_ADVICE,
    ),
    DecisionReason(
        "promises_too_much",
        "Promises that it works for everybody",
        "It promises that the same will work for everybody. Those for whom it does not may blame themselves.",
        "Say that it worked for you, and what you would try next if it had not.",
        RubricItem.HONEST_SETBACK,
    ),
    DecisionReason(
        "setback_missing",
        "The hard part is missing",
        "It goes straight from the start to the good end. Viewers who are stuck look for the part in between.",
        "Add a moment when it went wrong or when you nearly gave up, and what you changed then.",
        RubricItem.HONEST_SETBACK,
    ),
    DecisionReason(
        "content_notes_do_not_fit",
        "Content notes do not fit",
        "The content notes do not match what is seen or heard, so people cannot choose what they meet.",
        "Look through the list once more, and mark what is in the story and nothing else.",
        RubricItem.CONTENT_NOTES_RIGHT,
    ),
    DecisionReason(
        "outcome_does_not_fit",
        "Rungs or outcome do not fit",
        "The start, the end or the outcome marked for this story is not the one that it tells.",
        "Mark where you truly began and where you are now. Part of the way is a good place to be.",
        RubricItem.OUTCOME_RIGHT,
    ),
    DecisionReason(
        "another_challenge",
        "Belongs to another challenge",
        "It is a good deal more about something else than about the challenge it was told for.",
        "Choose the challenge that comes closest, and tell it for that one.",
        RubricItem.OUTCOME_RIGHT,
    ),
    DecisionReason(
        "hard_to_follow",
        "Hard to see or hear",
        "Parts of the recording are hard to see or to hear.",
        "Record those parts again, somewhere quiet and with the light in front of you.",
    ),
    DecisionReason(
        "captions_do_not_fit",
        "Captions do not fit",
        "The captions say something else than you do, and some viewers have nothing but them.",
        "Read them along with the recording and correct what is wrong.",
    ),
    DecisionReason(
        "puts_people_down",
        "Puts people down",
        "Something in it looks down on other people, and some of them will be watching.",
        "Say what happened and how it felt for you, without judging who they are.",
    ),
    DecisionReason(
        "advertising",
        "Advertises something",
        "It recommends something to buy, to join or to follow.",
        "Leave out names, prices and links; say what kind of thing helped you.",
    ),
    DecisionReason(
        "worried_about_teller",
        "Worried about the teller",
        "It sounds as if you are still in the middle of something very heavy, and you matter more than a story.",
        "Please talk to somebody today: “Help now” on every page says who answers. The story can wait for you.",
    ),
)
DECISION_REASONS: Mapping[str, DecisionReason] = {reason.code: reason for reason in _DECISION_REASONS}


def reason_labels(codes: Iterable[str]) -> str:
    """Return the reasons' names in one line."""
    return "; ".join(DECISION_REASONS[code].label for code in codes)
