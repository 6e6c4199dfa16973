"""Searching in titles and in what is said, among the stories that somebody may come across."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import profiles
from accounts.content_notes import ContentNote
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge
from media.captions import tracks
from practice import browsing
from stories import publishing
from stories.models import Story
from stories.search import MAX_LINES_PER_STORY, search_stories
from tests.people import NamedPeople, create_person
from tests.story_factories import create_published_story
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db

ENGLISH_CAPTIONS = """WEBVTT

00:01.000 --> 00:04.000
For two years I put off ringing my

00:04.000 --> 00:07.000
sister, and every week it got harder.

00:12.500 --> 00:15.000
Then I wrote one sentence on a receipt.
"""


@pytest.fixture
def told(people: NamedPeople, the_conversation: Challenge) -> Story:
    return published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=ENGLISH_CAPTIONS, title="Ten words at the door"
    )


def matched_seconds(viewer: User, words: str) -> dict[str, list[int]]:
    """Return the second of each line found, by the title of its story."""
    return {
        one.story.title: [line.start_second for line in one.lines]
        for one in search_stories(browsing.browsable_stories(viewer), words)
    }


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("receipt", [12]),
        ("RECEIPTS", [12]),  # endings and size do not matter in English
        ("wrote a sentence", [12]),
        ('"one sentence"', [12]),
        ("ringing my sister", [1]),  # runs over into the next line
        ("ringing sister -receipt", [1]),
    ],
)
def test_what_is_said_is_found_to_the_second(ana: User, told: Story, words: str, seconds: list[int]) -> None:
    assert matched_seconds(ana, words) == {told.title: seconds}


@pytest.mark.parametrize(
    "words", ["bicycle", "receipt bicycle", '"sentence one"', "", "-receipt -door", "&|!:*", "'; --"]
)
def test_what_nobody_says_is_not_found(ana: User, told: Story, words: str) -> None:
    assert matched_seconds(ana, words).get(told.title, []) == []


def test_a_title_is_found_without_a_line(ana: User, told: Story) -> None:
    assert matched_seconds(ana, "door") == {told.title: []}


def test_a_language_of_which_we_know_no_endings_is_found_by_whole_words(ana: User, told: Story) -> None:
    assert told.video is not None
    tracks.save_captions(
        told.video, language="de", text="00:02.000 --> 00:04.000\nIch schob es vor mir her.\n"
    )
    assert matched_seconds(ana, "schob")[told.title] == [2]


def test_lines_of_captions_that_were_replaced_are_found_no_more(ana: User, told: Story) -> None:
    assert told.video is not None
    tracks.save_captions(told.video, language="en", text="00:03.000 --> 00:04.000\nAll new words.\n")
    assert matched_seconds(ana, "receipt") == {}
    assert matched_seconds(ana, "new words") == {told.title: [3]}


def test_the_line_that_says_it_comes_before_the_one_in_front(ana: User, told: Story) -> None:
    """The line before counts a little, because sentences run over; the jump goes to where the word is said."""
    assert matched_seconds(ana, "harder")[told.title][-1] == 4


def test_the_closest_story_comes_first_with_a_few_lines(
    ana: User, people: NamedPeople, told: Story, the_conversation: Challenge
) -> None:
    said = "\n\n".join(f"00:{n:02}.000 --> 00:{n + 1:02}.000\nThe receipt, number {n}." for n in range(1, 9))
    published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=said, title="All about a receipt"
    )
    found = matched_seconds(ana, "receipt")
    assert next(iter(found)) == "All about a receipt"
    assert len(found["All about a receipt"]) == MAX_LINES_PER_STORY


def test_a_story_that_is_not_open_is_not_found(ana: User, bo: User, told: Story) -> None:
    publishing.set_story_hidden(told, by=bo, hidden=True)
    assert matched_seconds(ana, "receipt") == {}
    publishing.set_story_hidden(told, by=bo, hidden=False)
    assert matched_seconds(ana, "receipt") != {}
    publishing.withdraw_story(told, by=bo)
    assert matched_seconds(ana, "receipt") == {}


def test_a_muted_content_note_is_not_found(people: NamedPeople, the_conversation: Challenge) -> None:
    published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=ENGLISH_CAPTIONS, content_notes=[ContentNote.DEATH]
    )
    assert matched_seconds(people.ana, "receipt") != {}
    profiles.update_profile(people.ana, ProfileChange(muted=[ContentNote.DEATH]))
    assert matched_seconds(people.ana, "receipt") == {}


def test_two_questions_are_enough_however_much_is_found(
    ana: User, people: NamedPeople, told: Story, the_conversation: Challenge
) -> None:
    for number in range(6):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=people.mo, words=ENGLISH_CAPTIONS
        )
    stories = browsing.browsable_stories(ana).with_card_relations()
    with CaptureQueriesContext(connection) as asked:
        found = search_stories(stories, "receipt")
        assert {one.story.teller.display_name for one in found}
    assert len(found) == 7
    assert len(asked) == 2


def test_a_story_without_a_recordings_words_does_no_harm(
    ana: User, people: NamedPeople, the_conversation: Challenge
) -> None:
    create_published_story(people.bo, the_conversation, by=people.mo, title="Only a title")
    assert matched_seconds(ana, "only title") == {"Only a title": []}
