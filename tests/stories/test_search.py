"""Searching in titles and in what is said, among the stories that somebody may come across."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import profiles
from accounts.models import User
from accounts.notes import ContentNote
from accounts.profiles import ProfileChange
from challenges.models import Challenge
from media import captions
from practice import browsing
from stories import publishing
from stories.models import Story
from stories.search import LINES_A_STORY, search
from tests.people import Cast, join
from tests.stories_told import published_story
from tests.web.films import film

pytestmark = pytest.mark.django_db

AT_THE_DOOR = """WEBVTT

00:01.000 --> 00:04.000
For two years I put off ringing my

00:04.000 --> 00:07.000
sister, and every week it got harder.

00:12.500 --> 00:15.000
Then I wrote one sentence on a receipt.
"""


@pytest.fixture
def told(people: Cast, the_conversation: Challenge) -> Story:
    return film(people.bo, the_conversation, by=people.mo, words=AT_THE_DOOR, title="Ten words at the door")


def found_by(viewer: User, words: str) -> dict[str, list[int]]:
    """Return the second of each line found, by the title of its story."""
    return {
        one.story.title: [line.second for line in one.lines]
        for one in search(browsing.open_to(viewer), words)
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
    assert found_by(ana, words) == {told.title: seconds}


@pytest.mark.parametrize(
    "words", ["bicycle", "receipt bicycle", '"sentence one"', "", "-receipt -door", "&|!:*", "'; --"]
)
def test_what_nobody_says_is_not_found(ana: User, told: Story, words: str) -> None:
    assert found_by(ana, words).get(told.title, []) == []


def test_a_title_is_found_without_a_line(ana: User, told: Story) -> None:
    assert found_by(ana, "door") == {told.title: []}


def test_a_language_of_which_we_know_no_endings_is_found_by_whole_words(ana: User, told: Story) -> None:
    assert told.video is not None
    captions.attach(told.video, language="de", text="00:02.000 --> 00:04.000\nIch schob es vor mir her.\n")
    assert found_by(ana, "schob")[told.title] == [2]


def test_lines_of_captions_that_were_replaced_are_found_no_more(ana: User, told: Story) -> None:
    assert told.video is not None
    captions.attach(told.video, language="en", text="00:03.000 --> 00:04.000\nAll new words.\n")
    assert found_by(ana, "receipt") == {}
    assert found_by(ana, "new words") == {told.title: [3]}


def test_the_line_that_says_it_comes_before_the_one_in_front(ana: User, told: Story) -> None:
    """The line before counts a little, because sentences run over; the jump goes to where the word is said."""
    assert found_by(ana, "harder")[told.title][-1] == 4


def test_the_closest_story_comes_first_with_a_few_lines(
    ana: User, people: Cast, told: Story, the_conversation: Challenge
) -> None:
    said = "\n\n".join(f"00:{n:02}.000 --> 00:{n + 1:02}.000\nThe receipt, number {n}." for n in range(1, 9))
    film(people.bo, the_conversation, by=people.mo, words=said, title="All about a receipt")
    found = found_by(ana, "receipt")
    assert next(iter(found)) == "All about a receipt"
    assert len(found["All about a receipt"]) == LINES_A_STORY


def test_a_story_that_is_not_open_is_not_found(ana: User, bo: User, told: Story) -> None:
    publishing.hide(told, by=bo, hidden=True)
    assert found_by(ana, "receipt") == {}
    publishing.hide(told, by=bo, hidden=False)
    assert found_by(ana, "receipt") != {}
    publishing.withdraw(told, by=bo)
    assert found_by(ana, "receipt") == {}


def test_a_muted_content_note_is_not_found(people: Cast, the_conversation: Challenge) -> None:
    film(people.bo, the_conversation, by=people.mo, words=AT_THE_DOOR, content_notes=[ContentNote.DEATH])
    assert found_by(people.ana, "receipt") != {}
    profiles.change(people.ana, ProfileChange(muted=[ContentNote.DEATH]))
    assert found_by(people.ana, "receipt") == {}


def test_two_questions_are_enough_however_much_is_found(
    ana: User, people: Cast, told: Story, the_conversation: Challenge
) -> None:
    for number in range(6):
        film(join(f"teller{number}"), the_conversation, by=people.mo, words=AT_THE_DOOR)
    stories = browsing.open_to(ana).for_cards()
    with CaptureQueriesContext(connection) as asked:
        found = search(stories, "receipt")
        assert {one.story.teller.shown_name for one in found}
    assert len(found) == 7
    assert len(asked) == 2


def test_a_story_without_a_recordings_words_does_no_harm(
    ana: User, people: Cast, the_conversation: Challenge
) -> None:
    published_story(people.bo, the_conversation, by=people.mo, title="Only a title")
    assert found_by(ana, "only title") == {"Only a title": []}
