import re
from pathlib import Path

import pytest

from moderation.models import Decision
from moderation.rubric import DECISION_REASONS, DecisionReason, RubricItem, reason_labels
from moderation.submission import MAX_REASONS
from stories.models import StoryEvent

EVERY_REASON = pytest.mark.parametrize("reason", DECISION_REASONS.values(), ids=str)


def test_every_question_of_the_rubric_has_a_reason_that_answers_it() -> None:
    assert {reason.item for reason in DECISION_REASONS.values()} >= set(RubricItem)


@EVERY_REASON
def test_a_reason_says_what_was_noticed_and_what_would_help(reason: DecisionReason) -> None:
    for words in (reason.to_teller, reason.fix):
        assert words[0].isupper()
        assert words.endswith(".")
        assert len(words) <= 160
    assert not reason.label.endswith(".")


@EVERY_REASON
def test_a_reason_speaks_plainly_and_neither_accuses_nor_commands(reason: DecisionReason) -> None:
    harsh = r"\b(violat\w*|inappropriate|unacceptable|guidelines?|policy|must|failed?|guilty|banned)\b"
    assert not re.search(harsh, f"{reason.label} {reason.to_teller} {reason.fix}", re.IGNORECASE)


@EVERY_REASON
def test_a_code_fits_where_decisions_keep_it(reason: DecisionReason) -> None:
    room = Decision._meta.get_field("reasons").base_field.max_length

    assert room is not None
    assert re.fullmatch(r"[a-z_]+", reason.code)
    assert len(reason.code) <= room
    assert DECISION_REASONS[reason.code] is reason


def test_as_many_names_as_a_decision_may_carry_fit_into_the_storys_history() -> None:
    longest = sorted(DECISION_REASONS, key=lambda code: len(DECISION_REASONS[code].label))[-MAX_REASONS:]
    room = StoryEvent._meta.get_field("reason").max_length

    assert room is not None
    assert len(reason_labels(longest)) <= room
    assert reason_labels(["advertising", "method_detail"]) == "Advertises something; Details of harm"


def test_the_guide_for_moderators_names_every_question_and_every_reason() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "moderation.md").read_text()

    for label in [*RubricItem.labels, *(reason.label for reason in DECISION_REASONS.values())]:
        assert label in guide
