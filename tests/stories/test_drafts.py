import pytest

from accounts.models import User
from accounts.traits.catalogue import InvalidTrait
from challenges.models import Challenge
from jobs.models import Job
from stories import drafts, playback
from stories.content_hash import compute_content_hash
from stories.draft_validation import ChapterDraft, InvalidStory, StoryDraft
from stories.drafts import NotYourStory
from stories.erasure import ERASE_RECORDING_JOB
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story
from tests.story_factories import create_complete_draft, create_recording, create_story_in_review

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"start_rung": 8}, "start_rung"),
        ({"start_rung": -1}, "start_rung"),
        ({"start_rung": 3, "end_rung": 2}, "end_rung"),
        ({"end_rung": 0}, "end_rung"),
        ({"model_kind": "hero"}, "model_kind"),
        ({"outcome": "won"}, "outcome"),
        ({"strategies": ["magic"]}, "strategies"),
        ({"content_notes": ["spoilers"]}, "content_notes"),
    ],
)
def test_an_invalid_fact_is_refused_with_its_field_name(
    bo: User, the_conversation: Challenge, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidStory) as error:
        drafts.create_draft(the_conversation, StoryDraft(**{"title": "I said it", **facts}), by=bo)  # type: ignore[arg-type]

    assert error.value.field == field
    assert not Story.objects.exists()


def test_answers_about_the_then_self_are_validated_by_the_catalogue(
    bo: User, the_conversation: Challenge
) -> None:
    with pytest.raises(InvalidTrait) as error:
        drafts.create_draft(
            the_conversation, StoryDraft(title="I said it", traits_then={"age": "old"}), by=bo
        )

    assert error.value.field == "traits_then.age"


def test_only_answered_traits_can_be_shown(bo: User, the_conversation: Challenge) -> None:
    draft = StoryDraft(title="I said it", traits_then={"age": 34}, shown_traits=["age", "faith"])

    assert drafts.create_draft(the_conversation, draft, by=bo).shown_traits == ["age"]


def test_an_update_leaves_other_fields_unchanged(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation, summary="How it went")

    edited = drafts.update_draft(draft, StoryDraft(title="Another"), by=bo, expected_version=draft.version)

    assert (edited.title, edited.summary) == ("Another", "How it went")


def test_an_update_from_an_old_version_is_refused(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)
    drafts.update_draft(draft, StoryDraft(title="From one tab"), by=bo, expected_version=draft.version)

    with pytest.raises(StoryVersionConflict):
        drafts.update_draft(draft, StoryDraft(title="From the other"), by=bo, expected_version=draft.version)
    assert Story.objects.get(pk=draft.pk).title == "From one tab"


def test_only_the_teller_can_edit_a_draft(bo: User, sam: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)

    with pytest.raises(NotYourStory):
        drafts.update_draft(draft, StoryDraft(title="Mine"), by=sam, expected_version=draft.version)
    with pytest.raises(NotYourStory):
        drafts.set_chapters(draft, [], by=sam, expected_version=draft.version)
    with pytest.raises(NotYourStory):
        drafts.attach_recording(draft, create_recording(sam), by=sam, expected_version=draft.version)


def test_the_recording_of_another_person_cannot_be_attached(
    bo: User, sam: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)

    with pytest.raises(NotYourStory):
        drafts.attach_recording(draft, create_recording(sam), by=bo, expected_version=draft.version)


def test_a_recording_cannot_be_attached_to_two_stories(bo: User, the_conversation: Challenge) -> None:
    first, second = create_complete_draft(bo, the_conversation), create_complete_draft(bo, the_conversation)
    assert first.video is not None

    with pytest.raises(InvalidStory) as error:
        drafts.attach_recording(second, first.video, by=bo, expected_version=second.version)
    assert error.value.field == "video"


def test_a_new_recording_replaces_the_old_one_and_enqueues_its_erasure(
    bo: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)
    old = draft.video_id

    drafts.attach_recording(draft, create_recording(bo), by=bo, expected_version=draft.version)

    assert Job.objects.unfinished().filter(kind=ERASE_RECORDING_JOB, subject=str(old)).exists()


@pytest.mark.parametrize(
    "chapters",
    [
        [ChapterDraft("result", 5000), ChapterDraft("start", 0)],
        [ChapterDraft("start", 0), ChapterDraft("doubt", 0)],
        [ChapterDraft("start", -1)],
        [ChapterDraft("epilogue", 0)],
        [ChapterDraft("start", 0, barrier="dragons")],
        [ChapterDraft("start", second) for second in range(21)],
        [ChapterDraft("start", 0), ChapterDraft("result", 3_600_000)],
    ],
)
def test_invalid_chapters_are_refused_and_the_old_ones_stay(
    bo: User, the_conversation: Challenge, chapters: list[ChapterDraft]
) -> None:
    draft = create_complete_draft(bo, the_conversation)

    with pytest.raises(InvalidStory) as error:
        drafts.set_chapters(draft, chapters, by=bo, expected_version=draft.version)
    assert error.value.field == "chapters"
    assert draft.chapters.count() == 2


def test_consent_to_an_old_text_is_refused(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)

    with pytest.raises(InvalidStory) as error:
        drafts.give_consent(draft, ["members"], text_version=99, by=bo, expected_version=draft.version)
    assert error.value.field == "text_version"


def test_consent_without_members_is_refused(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)

    with pytest.raises(InvalidStory) as error:
        drafts.give_consent(draft, ["research"], text_version=1, by=bo, expected_version=draft.version)
    assert error.value.field == "uses"


def test_the_chosen_poster_is_used_and_changes_the_content_hash(
    bo: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)
    before = compute_content_hash(draft)

    chosen = drafts.choose_poster(draft, 2, by=bo, expected_version=draft.version)

    assert playback.poster_names(chosen) == ["poster_0.jpg", "poster_1.jpg", "poster_2.jpg"]
    assert "/poster_2.jpg?" in playback.signed_url(chosen, "poster.jpg")
    assert compute_content_hash(chosen) != before


@pytest.mark.parametrize("number", [-1, 3])
def test_an_unknown_poster_number_is_refused(bo: User, the_conversation: Challenge, number: int) -> None:
    draft = create_complete_draft(bo, the_conversation)
    with pytest.raises(InvalidStory, match="no such picture"):
        drafts.choose_poster(draft, number, by=bo, expected_version=draft.version)


def test_only_the_teller_can_choose_a_poster_and_only_of_a_draft(
    bo: User, sam: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)
    with pytest.raises(NotYourStory):
        drafts.choose_poster(draft, 1, by=sam, expected_version=draft.version)
    sent = create_story_in_review(bo, the_conversation)
    with pytest.raises(TransitionNotAllowed):
        drafts.choose_poster(sent, 1, by=bo, expected_version=sent.version)


def test_a_new_recording_resets_the_poster(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)
    draft = drafts.choose_poster(draft, 2, by=bo, expected_version=draft.version)
    assert (
        drafts.attach_recording(draft, create_recording(bo), by=bo, expected_version=draft.version).poster
        == 0
    )
