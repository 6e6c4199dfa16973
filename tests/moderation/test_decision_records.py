import pytest

from accounts.models import User
from audit import trail
from audit.models import Event
from jobs.models import Job
from moderation import decisions
from moderation.models import ClaimEnding, Notice, Verdict
from stories.models import Story, StoryEvent
from tests.moderation.scenarios import ALL_YES_RUBRIC, approving_submission, claim_for_reviewer

pytestmark = pytest.mark.django_db
REASON_CODES = ["setback_missing"]


def test_a_decision_stores_the_review_ends_the_claim_and_notifies_the_teller(
    submitted_story: Story, bo: User, mo: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    review = approving_submission(claim, note_to_teller=" Thank you. ", note_to_colleagues=" Calm. ")

    decision = decisions.approve_story(submitted_story, review, by=mo)

    decision.refresh_from_db()
    assert (decision.by, decision.claim, decision.verdict) == (mo, claim, Verdict.APPROVE)
    assert (decision.version, decision.content_hash) == (
        submitted_story.version,
        submitted_story.content_hash,
    )
    assert (decision.note_to_teller, decision.note_to_colleagues) == ("Thank you.", "Calm.")
    assert decision.rubric == ALL_YES_RUBRIC
    claim.refresh_from_db()
    assert claim.ending == ClaimEnding.DECIDED
    notice = Notice.objects.to_person(bo).get()
    job = Job.objects.for_subject(notice.pk).get()
    assert (job.kind, job.owner_key) == ("moderation.tell_teller", str(bo.pk))
    assert (notice.story, notice.kind) == (submitted_story, Notice.Kind.PUBLISHED)


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.CHANGES, Verdict.DECLINE])
def test_the_history_and_the_audit_trail_name_the_reviewer_who_decided(
    submitted_story: Story, mo: User, verdict: Verdict
) -> None:
    reasons = [] if verdict == Verdict.APPROVE else REASON_CODES
    review = approving_submission(claim_for_reviewer(submitted_story, by=mo), reasons=reasons)

    story = decisions.decide_story(submitted_story, verdict, review, by=mo).story

    assert StoryEvent.objects.get(story=submitted_story, new=story.state).by == mo
    assert Event.objects.for_subject(submitted_story).get(verb=f"story.{story.state}").actor == str(mo.pk)


def test_the_audit_event_names_the_decision_without_the_notes(submitted_story: Story, mo: User) -> None:
    review = approving_submission(
        claim_for_reviewer(submitted_story, by=mo),
        reasons=REASON_CODES,
        note_to_teller="To you",
        note_to_colleagues="To us",
    )
    decision = decisions.decline_story(submitted_story, review, by=mo)

    event = Event.objects.for_subject(submitted_story).get(verb="review.decline")
    assert event.actor == str(mo.pk)
    assert event.details == {
        "decision": str(decision.pk),
        "claim": str(decision.claim_id),
        "seen": submitted_story.version,
        "content_hash": submitted_story.content_hash,
        "reasons": REASON_CODES,
    }
    assert "To you" not in str(event.details)
    assert "To us" not in str(event.details)
    assert list(trail.find_chain_breaks()) == []
