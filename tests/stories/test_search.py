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
def published_story(people: NamedPeople, the_conversation: Challenge) -> Story:
    return published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=ENGLISH_CAPTIONS, title="Ten words at the door"
    )


def matched_seconds(viewer: User, query: str) -> dict[str, list[int]]:
    """Return the start seconds of matching lines by story title."""
    return {
        result.story.title: [line.start_second for line in result.lines]
        for result in search_stories(browsing.browsable_stories(viewer), query)
    }


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("receipt", [12]),
        ("RECEIPTS", [12]),  # English matching ignores case and word endings
        ("wrote a sentence", [12]),
        ('"one sentence"', [12]),
        ("ringing my sister", [1]),  # the sentence continues on the next line
        ("ringing sister -receipt", [1]),
    ],
)
def test_matching_caption_lines_are_found_with_their_seconds(
    ana: User, published_story: Story, query: str, seconds: list[int]
) -> None:
    assert matched_seconds(ana, query) == {published_story.title: seconds}


@pytest.mark.parametrize(
    "query", ["bicycle", "receipt bicycle", '"sentence one"', "", "-receipt -door", "&|!:*", "'; --"]
)
def test_a_query_without_a_match_finds_no_line(ana: User, published_story: Story, query: str) -> None:
    assert matched_seconds(ana, query).get(published_story.title, []) == []


def test_a_title_match_has_no_lines(ana: User, published_story: Story) -> None:
    assert matched_seconds(ana, "door") == {published_story.title: []}


def test_captions_in_other_languages_match_whole_words(ana: User, published_story: Story) -> None:
    assert published_story.video is not None
    tracks.save_captions(
        published_story.video, language="de", text="00:02.000 --> 00:04.000\nIch schob es vor mir her.\n"
    )
    assert matched_seconds(ana, "schob")[published_story.title] == [2]


def test_lines_of_replaced_captions_are_not_found(ana: User, published_story: Story) -> None:
    assert published_story.video is not None
    tracks.save_captions(
        published_story.video, language="en", text="00:03.000 --> 00:04.000\nAll new words.\n"
    )
    assert matched_seconds(ana, "receipt") == {}
    assert matched_seconds(ana, "new words") == {published_story.title: [3]}


def test_a_word_of_the_next_line_leads_to_that_line(ana: User, published_story: Story) -> None:
    assert matched_seconds(ana, "harder")[published_story.title][-1] == 4


def test_the_best_match_comes_first_with_a_limited_number_of_lines(
    ana: User, people: NamedPeople, published_story: Story, the_conversation: Challenge
) -> None:
    captions = "\n\n".join(
        f"00:{n:02}.000 --> 00:{n + 1:02}.000\nThe receipt, number {n}." for n in range(1, 9)
    )
    published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=captions, title="All about a receipt"
    )
    results = matched_seconds(ana, "receipt")
    assert next(iter(results)) == "All about a receipt"
    assert len(results["All about a receipt"]) == MAX_LINES_PER_STORY


def test_hidden_and_withdrawn_stories_are_not_found(ana: User, bo: User, published_story: Story) -> None:
    publishing.set_story_hidden(published_story, by=bo, hidden=True)
    assert matched_seconds(ana, "receipt") == {}
    publishing.set_story_hidden(published_story, by=bo, hidden=False)
    assert matched_seconds(ana, "receipt") != {}
    publishing.withdraw_story(published_story, by=bo)
    assert matched_seconds(ana, "receipt") == {}


def test_stories_with_muted_content_notes_are_not_found(
    people: NamedPeople, the_conversation: Challenge
) -> None:
    published_story_with_media(
        people.bo, the_conversation, by=people.mo, words=ENGLISH_CAPTIONS, content_notes=[ContentNote.DEATH]
    )
    assert matched_seconds(people.ana, "receipt") != {}
    profiles.update_profile(people.ana, ProfileChange(muted=[ContentNote.DEATH]))
    assert matched_seconds(people.ana, "receipt") == {}


def test_a_search_takes_two_queries(
    ana: User, people: NamedPeople, published_story: Story, the_conversation: Challenge
) -> None:
    for number in range(6):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=people.mo, words=ENGLISH_CAPTIONS
        )
    stories = browsing.browsable_stories(ana).with_card_relations()
    with CaptureQueriesContext(connection) as queries:
        results = search_stories(stories, "receipt")
        assert {result.story.teller.display_name for result in results}
    assert len(results) == 7
    assert len(queries) == 2


def test_a_story_without_captions_is_found_by_its_title(
    ana: User, people: NamedPeople, the_conversation: Challenge
) -> None:
    create_published_story(people.bo, the_conversation, by=people.mo, title="Only a title")
    assert matched_seconds(ana, "only title") == {"Only a title": []}
