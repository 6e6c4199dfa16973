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
    found = publish_research_stories(the_conversation, 12, by=mo)
    for number, story in enumerate(found):
        Story.objects.filter(pk=story.pk).update(title=TITLES[number % 4], traits_then={})
    return found


@pytest.fixture
def read(stories: list[Story]) -> list[Story]:
    assert free_text.rebuild_text_index(now=NOW) == len(stories)
    return stories


def current_slate(person: User, challenge: Challenge, *, at: datetime = NOW) -> Slate:
    return slates.get_or_create_slate(slates.reading_for_slate(person, challenge.slug), now=at)


def similarity_by_story(words: str) -> dict[uuid.UUID, float]:
    keys = list(Story.objects.order_by("pk").values_list("pk", flat=True))
    return dict(zip(keys, free_text.text_similarity(words, keys).tolist(), strict=True))


def test_what_somebody_wrote_is_theirs_and_goes_when_emptied(
    ana: User, sam: User, the_conversation: Challenge
) -> None:
    free_text.save_free_text(the_conversation, "  I lie awake.  ", by=ana)
    assert free_text.get_free_text(the_conversation, by=ana) == "I lie awake."
    assert free_text.get_free_text(the_conversation, by=sam) == ""

    free_text.save_free_text(the_conversation, " ", by=ana)
    assert not OwnWords.objects.exists()


def test_it_leaves_with_the_account(ana: User, the_conversation: Challenge) -> None:
    free_text.save_free_text(the_conversation, "I lie awake.", by=ana)
    ana.delete()
    assert not OwnWords.objects.exists()


def test_stories_that_speak_of_the_same_come_nearer(read: list[Story]) -> None:
    near = similarity_by_story("awake every night")
    assert near[read[0].pk] > near[read[2].pk]


def test_what_is_said_in_captions_and_chapters_counts(stories: list[Story]) -> None:
    for number, story in enumerate(stories[:4]):
        assert story.video is not None
        said = "the dog and the garden" if number < 2 else "the letter from the bank"
        save_captions(story.video, language="en", text=f"WEBVTT\n\n00:01.000 --> 00:04.000\n{said}\n")
    for story in stories[4:6]:
        story.chapters.filter(kind="start").update(text="A dog in my garden")
    free_text.rebuild_text_index(now=NOW)

    near = similarity_by_story("dog, garden")

    nearest = sorted(near, key=lambda key: -near[key])[:4]
    assert set(nearest) == {story.pk for story in [*stories[:2], *stories[4:6]]}


def test_without_words_or_before_stories_were_read_nothing_is_near(stories: list[Story]) -> None:
    assert not any(similarity_by_story("awake every night").values())
    free_text.rebuild_text_index(now=NOW)
    assert not any(similarity_by_story("").values())
    assert any(similarity_by_story("awake every night").values())


def test_reading_stories_again_leaves_one_index(read: list[Story]) -> None:
    free_text.rebuild_text_index(now=NOW + timedelta(hours=1))
    assert StoryTextIndex.objects.count() == 1


def test_when_hardly_any_story_is_left_words_are_left_aside(read: list[Story]) -> None:
    Story.objects.exclude(pk=read[0].pk).update(hidden=True)
    assert free_text.rebuild_text_index(now=NOW) == 0
    assert not any(similarity_by_story("awake every night").values())


def test_words_move_a_slate_by_a_tenth_at_most(
    ana: User, the_conversation: Challenge, read: list[Story]
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    before = current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "awake at night and tired", by=ana)

    after, day = current_slate(ana, the_conversation), NOW
    assert after != before
    while after.arm != ExperimentArm.MATCHED:
        day += timedelta(days=1)
        after = current_slate(ana, the_conversation, at=day)
    near = similarity_by_story("awake at night and tired")
    for item in after.items.all():
        assert item.score == pytest.approx(free_text.FREE_TEXT_SHARE * near[item.story_id])
    assert max(item.score for item in after.items.all()) > 0.05


def test_taking_the_words_back_brings_back_the_slate(
    ana: User, the_conversation: Challenge, read: list[Story]
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    before = current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "awake at night and tired", by=ana)
    current_slate(ana, the_conversation)
    free_text.save_free_text(the_conversation, "", by=ana)

    assert current_slate(ana, the_conversation) == before


def test_somebody_elses_words_are_not_ones_own(
    ana: User, sam: User, the_conversation: Challenge, read: list[Story]
) -> None:
    free_text.save_free_text(the_conversation, "awake at night", by=sam)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    assert {item.score for item in current_slate(ana, the_conversation).items.all()} == {0}
