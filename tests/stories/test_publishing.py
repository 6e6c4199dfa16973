import pytest
from django.db import transaction

from accounts.models import User
from audit.models import Event
from challenges.models import Challenge
from jobs.models import Job, JobState
from media.captions import tracks
from media.models import Video
from stories import drafts, lifecycle, publishing
from stories.draft_validation import StoryDraft
from stories.drafts import NotYourStory
from stories.erasure import ERASE_RECORDING_JOB
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story, StoryState
from stories.processing import PROCESS_STORY_JOB
from stories.publishing import ContentChanged, NotReadyToSubmit
from tests.story_factories import (
    CAPTIONS_TEXT,
    attach_recording_and_captions,
    create_complete_draft,
    create_published_story,
    create_recording,
    create_story_in_review,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def test_a_complete_draft_with_a_processed_recording_enters_review_at_once(draft: Story, bo: User) -> None:
    assert publishing.may_submit(draft, bo)

    story = publishing.submit_story(draft, by=bo, expected_version=draft.version)

    assert story.state == StoryState.IN_REVIEW
    assert story.content_hash


def test_a_submitted_story_waits_for_its_recording(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)
    video = create_recording(bo, status=Video.Status.STORED)
    draft = attach_recording_and_captions(draft, video)

    story = publishing.submit_story(draft, by=bo, expected_version=draft.version)

    assert story.state == StoryState.PREPARING
    assert Job.objects.unfinished().filter(kind=PROCESS_STORY_JOB, subject=str(story.pk)).count() == 1


def test_a_refused_submission_lists_all_missing_requirements(bo: User, the_conversation: Challenge) -> None:
    draft = drafts.create_draft(the_conversation, StoryDraft(title="Empty"), by=bo)

    with pytest.raises(NotReadyToSubmit) as error:
        publishing.submit_story(draft, by=bo, expected_version=draft.version)

    assert [requirement.field for requirement in error.value.missing] == ["video", "consent", "chapters"]
    assert not publishing.may_submit(draft, bo)


def test_a_damaged_recording_needs_the_tellers_confirmation(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)
    damaged = create_recording(bo, status=Video.Status.DAMAGED)
    draft = attach_recording_and_captions(draft, damaged)

    with pytest.raises(NotReadyToSubmit):
        publishing.submit_story(draft, by=bo, expected_version=draft.version)
    draft = drafts.confirm_damaged_recording(draft, by=bo, expected_version=draft.version)

    assert publishing.submit_story(draft, by=bo, expected_version=draft.version).state == StoryState.IN_REVIEW


def test_only_the_teller_can_submit(draft: Story, sam: User) -> None:
    with pytest.raises(NotYourStory):
        publishing.submit_story(draft, by=sam, expected_version=draft.version)


def test_submitting_twice_is_a_version_conflict(draft: Story, bo: User) -> None:
    publishing.submit_story(draft, by=bo, expected_version=draft.version)

    with pytest.raises(StoryVersionConflict):
        publishing.submit_story(draft, by=bo, expected_version=draft.version)


def test_a_story_in_review_cannot_be_edited(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)

    with pytest.raises(TransitionNotAllowed):
        drafts.update_draft(story, StoryDraft(title="Another"), by=bo, expected_version=story.version)


def test_publishing_content_that_changed_after_the_review_is_refused(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)
    assert story.video is not None
    tracks.save_captions(story.video, language="de", text=CAPTIONS_TEXT)

    with pytest.raises(ContentChanged):
        publishing.publish_story(
            story, by=mo, expected_version=story.version, content_hash=story.content_hash
        )

    assert Story.objects.get(pk=story.pk).state == StoryState.IN_REVIEW


def test_publishing_an_outdated_version_is_refused(bo: User, mo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)

    with pytest.raises(StoryVersionConflict):
        publishing.publish_story(
            story, by=mo, expected_version=story.version - 1, content_hash=story.content_hash
        )
    assert Story.objects.get(pk=story.pk).state == "in_review"


def test_publishing_content_with_another_hash_is_refused(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)

    with pytest.raises(ContentChanged) as error:
        publishing.publish_story(story, by=mo, expected_version=story.version, content_hash="0" * 64)
    assert error.value.story == story
    assert Story.objects.get(pk=story.pk).state == "in_review"


def test_publishing_records_the_approved_content_and_the_time(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)

    publishing.publish_story(story, by=mo, expected_version=story.version, content_hash=story.content_hash)

    stored = Story.objects.get(pk=story.pk)
    assert stored.approved_hash == story.content_hash
    assert stored.published_at is not None
    assert stored.submitted_at is not None


def test_story_events_store_the_reasons_for_reopening_and_removing(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)
    with transaction.atomic():
        declined = publishing.decline_story(
            lifecycle.lock_story(story), by=mo, reason="A third party is named."
        )
    with pytest.raises(StoryVersionConflict):
        publishing.reopen_story(declined, by=mo, expected_version=declined.version - 1, reason="An appeal.")
    reopened = publishing.reopen_story(
        declined, by=mo, expected_version=declined.version, reason="An appeal."
    )
    published = publishing.publish_story(
        reopened, by=mo, expected_version=reopened.version, content_hash=reopened.content_hash
    )
    with pytest.raises(StoryVersionConflict):
        publishing.remove_story(published, by=mo, expected_version=published.version - 1, reason="A report.")
    removed = publishing.remove_story(
        published, by=mo, expected_version=published.version, reason="A report."
    )

    assert list(removed.events.order_by("version").values_list("new", "by", "reason"))[2:] == [
        ("declined", mo.pk, "A third party is named."),
        ("in_review", mo.pk, "An appeal."),
        ("published", mo.pk, ""),
        ("removed", mo.pk, "A report."),
    ]


def test_hidden_and_held_are_independent_and_audited(bo: User, mo: User, the_conversation: Challenge) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    with pytest.raises(NotYourStory):
        publishing.set_story_hidden(story, by=mo, hidden=True)

    publishing.set_story_hidden(story, by=bo, hidden=True)
    publishing.set_story_held(story, by=mo, held=True)
    publishing.set_story_hidden(story, by=bo, hidden=False)
    assert not Story.objects.open_to_members().exists()
    publishing.set_story_held(story, by=mo, held=False)
    assert Story.objects.open_to_members().get() == story

    events = Event.objects.for_subject(story).order_by("-pk").values_list("verb", "actor")[:4]
    assert list(events)[::-1] == [
        ("story.hidden", str(bo.pk)),
        ("story.held", str(mo.pk)),
        ("story.shown", str(bo.pk)),
        ("story.released", str(mo.pk)),
    ]


def test_withdrawing_hides_the_story_ends_the_consent_and_enqueues_erasure(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    video = story.video_id
    assert Story.objects.visible_to(ana).contains(story)

    publishing.withdraw_story(story, by=bo)

    stored = Story.objects.get(pk=story.pk)
    assert not Story.objects.visible_to(ana).contains(stored)
    assert stored.video is None
    assert stored.consent is not None
    assert stored.consent.withdrawn_at is not None
    assert Job.objects.unfinished().filter(kind=ERASE_RECORDING_JOB, subject=str(video)).exists()


def test_withdrawing_is_idempotent(draft: Story, bo: User) -> None:
    first = publishing.withdraw_story(draft, by=bo)
    second = publishing.withdraw_story(draft, by=bo)

    assert first.version == second.version


def test_withdrawing_cancels_the_processing(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)

    publishing.withdraw_story(draft, by=bo)

    assert Job.objects.get(kind=PROCESS_STORY_JOB, subject=str(draft.pk)).state == JobState.CANCELLED


def test_only_the_teller_can_withdraw(draft: Story, mo: User) -> None:
    with pytest.raises(NotYourStory):
        publishing.withdraw_story(draft, by=mo)


def test_the_teller_cannot_show_a_held_story(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    publishing.set_story_held(story, by=mo, held=True)
    publishing.set_story_hidden(story, by=bo, hidden=True)
    publishing.set_story_hidden(story, by=bo, hidden=False)

    assert not Story.objects.visible_to(ana).contains(story)
    assert Story.objects.visible_to(bo).contains(story)


def test_a_resubmitted_story_enters_review_with_a_new_content_hash(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)
    first_hash = story.content_hash
    with transaction.atomic():
        locked = lifecycle.lock_story(story, expected_version=story.version)
        story = publishing.request_changes(locked, by=mo, reason="Please leave out the name.")
    story = drafts.update_draft(
        story, StoryDraft(title="Without the name"), by=bo, expected_version=story.version
    )
    story = publishing.submit_story(story, by=bo, expected_version=story.version)

    assert story.state == StoryState.IN_REVIEW
    assert story.content_hash != first_hash
