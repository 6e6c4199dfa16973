import uuid
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from media.captions.tracks import save_captions
from practice.models import ExperimentArm, OwnWords, Slate
from recommendations import free_text, slates
from recommendations.models import StoryTextIndex
from stories.models import Story
from tests.recommendations.report_factories import NOW, publish_research_stories, take_reading

pytestmark = pytest.mark.django_db
TITLES = (
    "Awake at night and so tired",
    "Tired after another night awake",
    "My voice in the weekly meeting",
    "One sentence in the meeting, in my own voice",
)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    stories = publish_research_stories(the_conversation, 12, by=mo)
    for number, story in enumerate(stories):
        Story.objects.filter(pk=story.pk).update(title=TITLES[number % 4], traits_then={})
    return stories


@pytest.fixture
def indexed_stories(stories: list[Story]) -> list[Story]:
    assert free_text.rebuild_text_index(now=NOW) == len(stories)
    return stories


def current_slate(person: User, challenge: Challenge, *, at: datetime = NOW) -> Slate:
    return slates.get_or_create_slate(slates.reading_for_slate(person, challenge.slug), now=at)


def similarity_by_story(text: str) -> dict[uuid.UUID, float]:
    keys = list(Story.objects.order_by("pk").values_list("pk", flat=True))
    return dict(zip(keys, free_text.text_similarity(text, keys).tolist(), strict=True))


def test_a_viewers_text_is_private_and_deleted_when_emptied(
    ana: User, sam: User, the_conversation: Challenge
) -> None:
    free_text.save_free_text(the_conversation, "  I lie awake.  ", by=ana)
    assert free_text.get_free_text(the_conversation, by=ana) == "I lie awake."
    assert free_text.get_free_text(the_conversation, by=sam) == ""

    free_text.save_free_text(the_conversation, " ", by=ana)
    assert not OwnWords.objects.exists()


def test_the_text_is_deleted_with_the_account(ana: User, the_conversation: Challenge) -> None:
    free_text.save_free_text(the_conversation, "I lie awake.", by=ana)
    ana.delete()
    assert not OwnWords.objects.exists()


def test_stories_about_the_same_topic_are_more_similar(indexed_stories: list[Story]) -> None:
    similarity = similarity_by_story("awake every night")
    assert similarity[indexed_stories[0].pk] > similarity[indexed_stories[2].pk]


def test_captions_and_chapters_are_indexed(stories: list[Story]) -> None:
    for number, story in enumerate(stories[:4]):
        assert story.video is not None
        caption = "the dog and the garden" if number < 2 else "the letter from the bank"
        save_captions(story.video, language="en", text=f"WEBVTT\n\n00:01.000 --> 00:04.000\n{caption}\n")
    for story in stories[4:6]:
        story.chapters.filter(kind="start").update(text="A dog in my garden")
    free_text.rebuild_text_index(now=NOW)

    similarity = similarity_by_story("dog, garden")

    most_similar = sorted(similarity, key=lambda key: -similarity[key])[:4]
    assert set(most_similar) == {story.pk for story in [*stories[:2], *stories[4:6]]}


def test_similarity_is_zero_without_text_or_without_an_index(stories: list[Story]) -> None:
    assert not any(similarity_by_story("awake every night").values())
    free_text.rebuild_text_index(now=NOW)
    assert not any(similarity_by_story("").values())
    assert any(similarity_by_story("awake every night").values())


def test_rebuilding_replaces_the_index(indexed_stories: list[Story]) -> None:
    free_text.rebuild_text_index(now=NOW + timedelta(hours=1))
    assert StoryTextIndex.objects.count() == 1


def test_similarity_is_zero_with_too_few_stories_for_an_index(indexed_stories: list[Story]) -> None:
    Story.objects.exclude(pk=indexed_stories[0].pk).update(hidden=True)
    assert free_text.rebuild_text_index(now=NOW) == 0
    assert not any(similarity_by_story("awake every night").values())


def test_the_text_changes_scores_by_its_share_only(
    ana: User, the_conversation: Challenge, indexed_stories: list[Story]
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    before = current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "awake at night and tired", by=ana)

    after, day = current_slate(ana, the_conversation), NOW
    assert after != before
    while after.arm != ExperimentArm.MATCHED:
        day += timedelta(days=1)
        after = current_slate(ana, the_conversation, at=day)
    similarity = similarity_by_story("awake at night and tired")
    for item in after.items.all():
        assert item.score == pytest.approx(free_text.FREE_TEXT_SHARE * similarity[item.story_id])
    assert max(item.score for item in after.items.all()) > 0.05


def test_deleting_the_text_restores_the_previous_slate(
    ana: User, the_conversation: Challenge, indexed_stories: list[Story]
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    before = current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "awake at night and tired", by=ana)
    current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "", by=ana)

    assert current_slate(ana, the_conversation) == before


def test_the_text_of_another_viewer_changes_nothing(
    ana: User, sam: User, the_conversation: Challenge, indexed_stories: list[Story]
) -> None:
    free_text.save_free_text(the_conversation, "awake at night", by=sam)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    assert {item.score for item in current_slate(ana, the_conversation).items.all()} == {0}
