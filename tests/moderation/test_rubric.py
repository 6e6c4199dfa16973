import re
from pathlib import Path

import pytest

from moderation.models import Decision
from moderation.rubric import DECISION_REASONS, DecisionReason, RubricItem, reason_labels
from moderation.submission import MAX_REASONS
from stories.models import StoryEvent

ALL_REASONS = pytest.mark.parametrize("reason", DECISION_REASONS.values(), ids=list(DECISION_REASONS))


def test_every_rubric_item_has_a_decision_reason() -> None:
    assert {reason.item for reason in DECISION_REASONS.values()} >= set(RubricItem)


@ALL_REASONS
def test_every_reason_has_short_sentences_for_the_teller(reason: DecisionReason) -> None:
    for text in (str(reason.to_teller), str(reason.fix)):
        assert text[0].isupper()
        assert text.endswith(".")
        assert len(text) <= 160
    assert not str(reason.label).endswith(".")


@ALL_REASONS
def test_no_reason_accuses_or_commands(reason: DecisionReason) -> None:
    harsh = r"\b(violat\w*|inappropriate|unacceptable|guidelines?|policy|must|failed?|guilty|banned)\b"
    assert not re.search(harsh, f"{reason.label} {reason.to_teller} {reason.fix}", re.IGNORECASE)


@ALL_REASONS
def test_every_code_fits_into_the_database_column(reason: DecisionReason) -> None:
    max_length = Decision._meta.get_field("reasons").base_field.max_length

    assert max_length is not None
    assert re.fullmatch(r"[a-z_]+", reason.code)
    assert len(reason.code) <= max_length
    assert DECISION_REASONS[reason.code] is reason


def test_the_longest_labels_fit_into_a_story_event() -> None:
    longest = sorted(DECISION_REASONS, key=lambda code: len(str(DECISION_REASONS[code].label)))[-MAX_REASONS:]
    max_length = StoryEvent._meta.get_field("reason").max_length

    assert max_length is not None
    assert len(reason_labels(longest)) <= max_length
    assert reason_labels(["advertising", "method_detail"]) == "Advertises something; Details of harm"


def test_the_moderation_guide_lists_every_rubric_item_and_reason() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "moderation.md").read_text()

    for label in [*RubricItem.labels, *(reason.label for reason in DECISION_REASONS.values())]:
        assert str(label) in guide
