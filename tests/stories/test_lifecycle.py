import itertools

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit import trail
from audit.models import Event
from challenges.models import Challenge
from stories import lifecycle, publishing
from stories.drafts import NotYourStory
from stories.lifecycle import StoryTransition, StoryVersionConflict, TransitionNotAllowed
from stories.models import CatalogueChange, Story, StoryState
from stories.publishing import NotReadyToSubmit
from tests.story_factories import create_complete_draft, create_published_story, create_story_in_review

pytestmark = pytest.mark.django_db

# Every pair of states, written out independently of `lifecycle.ALLOWED_TRANSITIONS`: from, to, allowed.
TRANSITIONS: list[tuple[str, str, bool]] = [
    # From draft
    ("draft", "draft", False),  # A state does not follow itself.
    ("draft", "preparing", True),  # The teller submits a complete draft.
    ("draft", "in_review", False),  # The recording has to be prepared first.
    ("draft", "changes_requested", False),  # Nobody reviewed it.
    ("draft", "published", False),  # Nothing is published without review.
    ("draft", "declined", False),  # Nobody reviewed it.
    ("draft", "withdrawn", True),  # Tellers may withdraw at any time.
    ("draft", "removed", False),  # Only published stories are removed.
    # From preparing
    ("preparing", "draft", False),  # Nothing returns to draft.
    ("preparing", "preparing", False),  # A state does not follow itself.
    ("preparing", "in_review", True),  # The recording is ready.
    ("preparing", "changes_requested", True),  # The recording cannot be played; the teller uploads another.
    ("preparing", "published", False),  # Nothing is published without review.
    ("preparing", "declined", False),  # Nobody reviewed it.
    ("preparing", "withdrawn", True),  # Tellers may withdraw at any time.
    ("preparing", "removed", False),  # Only published stories are removed.
    # From in review
    ("in_review", "draft", False),  # Nothing returns to draft.
    ("in_review", "preparing", False),  # The recording is prepared already.
    ("in_review", "in_review", False),  # A state does not follow itself.
    ("in_review", "changes_requested", True),  # A moderator requests changes.
    ("in_review", "published", True),  # A moderator approves.
    ("in_review", "declined", True),  # A moderator declines.
    ("in_review", "withdrawn", True),  # Tellers may withdraw at any time.
    ("in_review", "removed", False),  # A moderator declines instead.
    # From changes requested
    ("changes_requested", "draft", False),  # Nothing returns to draft.
    ("changes_requested", "preparing", True),  # The teller submits again.
    ("changes_requested", "in_review", False),  # The teller has to submit again.
    ("changes_requested", "changes_requested", False),  # A state does not follow itself.
    ("changes_requested", "published", False),  # Nothing is published without review.
    ("changes_requested", "declined", False),  # Only stories in review are declined.
    ("changes_requested", "withdrawn", True),  # Tellers may withdraw at any time.
    ("changes_requested", "removed", False),  # Only published stories are removed.
    # From published
    ("published", "draft", False),  # Nothing returns to draft.
    ("published", "preparing", False),  # A published story is not edited.
    ("published", "in_review", False),  # A moderator holds it instead.
    ("published", "changes_requested", False),  # A published story is not edited.
    ("published", "published", False),  # A state does not follow itself.
    ("published", "declined", False),  # A moderator removes it instead.
    ("published", "withdrawn", True),  # Tellers may withdraw at any time.
    ("published", "removed", True),  # A moderator removes a published story.
    # From declined
    ("declined", "draft", False),  # Nothing returns to draft.
    ("declined", "preparing", False),  # The teller appeals instead.
    ("declined", "in_review", True),  # An appeal reopens the review.
    ("declined", "changes_requested", False),  # An appeal goes back to review first.
    ("declined", "published", False),  # Nothing is published without review.
    ("declined", "declined", False),  # A state does not follow itself.
    ("declined", "withdrawn", True),  # Tellers may withdraw at any time.
    ("declined", "removed", False),  # Only published stories are removed.
    # From withdrawn
    ("withdrawn", "draft", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "preparing", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "in_review", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "changes_requested", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "published", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "declined", False),  # Withdrawing is final; the recording is erased.
    ("withdrawn", "withdrawn", False),  # A state does not follow itself.
    ("withdrawn", "removed", False),  # Withdrawing is final; the recording is erased.
    # From removed
    ("removed", "draft", False),  # Removing is final; nothing leads back.
    ("removed", "preparing", False),  # Removing is final; nothing leads back.
    ("removed", "in_review", False),  # Removing is final; nothing leads back.
    ("removed", "changes_requested", False),  # Removing is final; nothing leads back.
    ("removed", "published", False),  # Removing is final; nothing leads back.
    ("removed", "declined", False),  # Removing is final; nothing leads back.
    ("removed", "withdrawn", False),  # Removing is final; nothing leads back.
    ("removed", "removed", False),  # A state does not follow itself.
]
SUBMITTABLE = {"draft", "changes_requested"}


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def in_state(story: Story, state: str) -> Story:
    """Set the state directly; a published story needs an approval of its content."""
    approval = {"content_hash": "c", "approved_hash": "c", "published_at": story.created_at}
    Story.objects.filter(pk=story.pk).update(state=state, **approval)
    return Story.objects.get(pk=story.pk)


def test_the_expected_transitions_cover_every_pair_of_states() -> None:
    pairs = [(old, new) for old, new, _ in TRANSITIONS]
    assert sorted(pairs) == sorted(itertools.product(StoryState.values, StoryState.values))


@pytest.mark.parametrize("actor", ["machine", "teller", "moderator"])
@pytest.mark.parametrize(("old", "new", "allowed"), TRANSITIONS)
def test_only_allowed_transitions_are_made_and_audited_with_their_actor(
    draft: Story, mo: User, old: str, new: str, *, allowed: bool, actor: str
) -> None:
    story = in_state(draft, old)
    by = {"machine": None, "teller": story.teller, "moderator": mo}[actor]
    expected_actor = {"machine": "machine", "teller": str(story.teller_id), "moderator": str(mo.pk)}[actor]
    transition = StoryTransition(StoryState(new), "A reason")

    if not allowed:
        with pytest.raises(TransitionNotAllowed) as error:
            lifecycle.transition_story(story, transition, by=by)
        assert error.value.story.state == old
        assert Story.objects.get(pk=story.pk).version == story.version
        assert not story.events.exists()
        return

    lifecycle.transition_story(story, transition, by=by)

    stored = Story.objects.get(pk=story.pk)
    assert (stored.state, stored.version) == (new, story.version + 1)
    event = stored.events.get()
    assert (event.old, event.new, event.by, event.reason, event.version) == (
        old,
        new,
        by,
        "A reason",
        stored.version,
    )
    audited = Event.objects.for_subject(stored).filter(verb=f"story.{new}").get()
    assert audited.actor == expected_actor
    assert audited.details == {"old": old, "version": stored.version, "content_hash": "c"}


@pytest.mark.parametrize("state", StoryState.values)
def test_only_the_teller_can_submit_and_only_a_draft_or_a_story_with_requested_changes(
    draft: Story, sam: User, mo: User, state: str
) -> None:
    story = in_state(draft, state)
    for other in (sam, mo):
        with pytest.raises(NotYourStory):
            publishing.submit_story(story, by=other, expected_version=story.version)
        assert not publishing.may_submit(story, other)
    assert publishing.may_submit(story, story.teller) == (state in SUBMITTABLE)

    if state in SUBMITTABLE:
        assert (
            publishing.submit_story(story, by=story.teller, expected_version=story.version).state
            == "in_review"
        )
        events = Event.objects.for_subject(story).filter(verb__in=["story.preparing", "story.in_review"])
        assert list(events.order_by("pk").values_list("actor", flat=True)) == [
            str(story.teller_id),
            "machine",
        ]
    else:
        with pytest.raises(TransitionNotAllowed):
            publishing.submit_story(story, by=story.teller, expected_version=story.version)


@pytest.mark.parametrize("state", StoryState.values)
def test_only_the_teller_can_withdraw_and_only_if_the_story_is_not_removed(
    draft: Story, sam: User, mo: User, state: str
) -> None:
    story = in_state(draft, state)
    for other in (sam, mo):
        with pytest.raises(NotYourStory):
            publishing.withdraw_story(story, by=other)

    if state == "removed":
        with pytest.raises(TransitionNotAllowed):
            publishing.withdraw_story(story, by=story.teller)
    else:
        assert publishing.withdraw_story(story, by=story.teller).state == "withdrawn"


@pytest.mark.parametrize("state", StoryState.values)
def test_submitting_an_incomplete_story_is_refused_by_requirements_or_by_state(
    bo: User, the_conversation: Challenge, state: str
) -> None:
    story = create_complete_draft(bo, the_conversation)
    story.chapters.all().delete()
    story = in_state(story, state)

    refusal = NotReadyToSubmit if state in SUBMITTABLE else TransitionNotAllowed
    with pytest.raises(refusal):
        publishing.submit_story(story, by=bo, expected_version=story.version)


def test_a_transition_changes_its_fields_together_with_the_state(draft: Story) -> None:
    story = in_state(draft, "in_review")

    lifecycle.transition_story(
        story, StoryTransition(StoryState.DECLINED, field_changes={"title": "Another"}), by=None
    )

    stored = Story.objects.get(pk=story.pk)
    assert (stored.state, stored.title) == ("declined", "Another")
    assert list(trail.find_chain_breaks()) == []


def test_changing_fields_increments_the_version_and_is_audited(draft: Story) -> None:
    field_changes = {"title": "Another", "summary": "Shorter"}
    lifecycle.update_story_fields(draft, by=draft.teller, verb="edited", field_changes=field_changes)

    stored = Story.objects.get(pk=draft.pk)
    assert (stored.title, stored.summary, stored.version) == ("Another", "Shorter", draft.version + 1)
    audited = Event.objects.for_subject(draft).filter(verb="story.edited").get()
    assert audited.actor == str(draft.teller_id)
    assert audited.details == {"version": stored.version, "fields": ["summary", "title"]}


def test_a_transition_from_an_outdated_version_is_refused_with_the_current_story(draft: Story) -> None:
    old_version = draft.version
    lifecycle.update_story_fields(draft, by=draft.teller, verb="edited", field_changes={"title": "Another"})

    with pytest.raises(StoryVersionConflict) as error:
        lifecycle.transition_story(
            draft, StoryTransition(StoryState.WITHDRAWN), by=draft.teller, expected_version=old_version
        )
    assert error.value.story.title == "Another"


def test_publishing_and_hiding_each_add_one_catalogue_change(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    assert CatalogueChange.objects.filter(story=story).count() == 1

    publishing.set_story_hidden(story, by=bo, hidden=True)
    publishing.set_story_hidden(story, by=bo, hidden=True)
    assert CatalogueChange.objects.filter(story=story).count() == 2


def test_the_database_refuses_a_published_story_without_an_approval_of_its_content(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(bo, the_conversation)

    with pytest.raises(IntegrityError, match="published_story_has"), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(state=StoryState.PUBLISHED, published_at=story.created_at)


def test_the_mermaid_diagram_has_every_allowed_transition() -> None:
    lines = lifecycle.mermaid_state_diagram().splitlines()

    assert lines[:2] == ["stateDiagram-v2", "    [*] --> draft"]
    final = ["    withdrawn --> [*]", "    removed --> [*]"]
    assert sorted(lines[2:]) == sorted(
        [*final, *(f"    {old} --> {new}" for old, new, allowed in TRANSITIONS if allowed)]
    )
