import pytest

from accounts.models import User
from audit import trail
from audit.models import Event
from moderation import decisions
from moderation.models import Verdict
from stories.models import Story, StoryEvent
from tests.moderation.scenarios import approving_submission, claim_for_reviewer

pytestmark = pytest.mark.django_db
REASON_CODES = ["setback_missing"]


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.CHANGES, Verdict.DECLINE])
def test_the_history_and_the_audit_trail_name_the_reviewer_who_decided(
    told: Story, mo: User, verdict: Verdict
) -> None:
    reasons = [] if verdict == Verdict.APPROVE else REASON_CODES
    review = approving_submission(claim_for_reviewer(told, by=mo), reasons=reasons)

    story = decisions.decide_story(told, verdict, review, by=mo).story

    assert StoryEvent.objects.get(story=told, new=story.state).by == mo
    assert Event.objects.for_subject(told).get(verb=f"story.{story.state}").actor == str(mo.pk)


def test_the_audit_trail_names_the_decision_without_anybodys_words(told: Story, mo: User) -> None:
    review = approving_submission(
        claim_for_reviewer(told, by=mo),
        reasons=REASON_CODES,
        note_to_teller="To you",
        note_to_colleagues="To us",
    )
    decision = decisions.decline_story(told, review, by=mo)

    event = Event.objects.for_subject(told).get(verb="review.decline")
    assert event.actor == str(mo.pk)
    assert event.details == {
        "decision": str(decision.pk),
        "claim": str(decision.claim_id),
        "seen": told.version,
        "content_hash": told.content_hash,
        "reasons": REASON_CODES,
    }
    assert "To you" not in str(event.details)
    assert "To us" not in str(event.details)
    assert list(trail.find_chain_breaks()) == []
