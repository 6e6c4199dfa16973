"""The tell journey: begin, facts, then-self, consent, send, hide, take back; and nothing of it for anybody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import ConsentUse, User
from challenges.models import Challenge
from media.models import Video
from stories import publishing, telling
from stories.models import Story, StoryState
from tests.stories_told import draft_by, published_story, recorded, recording_of, story_in_review
from tests.web.visits import summary_of, visit_by

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "seen": 1,
    "title": "I rang my sister",
    "summary": "",
    "language": "en",
    "start_rung": 0,
    "end_rung": 2,
    "model_kind": "coping",
    "outcome": "reached",
    "strategies": ["small_steps", "rehearse"],
    "content_notes": ["mental_health"],
}
PAGES = ["", "facts/", "then/", "recording/", "disguise/", "chapters/", "captions/", "consent/", "withdraw/"]
BUTTONS = ["submit/", "hidden/", "withdraw/", "damaged/"]


def page(story: Story, part: str = "") -> str:
    return f"/tell/{story.pk}/{part}"


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    return draft_by(bo, the_conversation)


def test_a_teller_begins_a_story_with_its_facts(bo: User, the_conversation: Challenge) -> None:
    browser = visit_by(bo)
    assert browser.get("/tell/").status_code == 200
    assert "the-conversation" in browser.get("/tell/start/").content.decode()
    answer = browser.post(f"/tell/start/{the_conversation.slug}/", FACTS)
    story = Story.objects.get()
    assert answer.headers["Location"] == page(story)
    assert (story.teller, story.title, story.end_rung) == (bo, "I rang my sister", 2)
    assert story.strategies == ["small_steps", "rehearse"]
    assert story.content_notes == ["mental_health"]


def test_what_cannot_be_kept_is_said_beside_its_field_and_on_top(
    bo: User, the_conversation: Challenge
) -> None:
    answer = visit_by(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"title": "", "start_rung": 5, "end_rung": 2}
    )
    assert answer.status_code == 400
    assert summary_of(answer) == {"#id_title": "Title: Give your story a title; you can change it later."}
    assert not Story.objects.exists()


def test_the_products_own_rules_reach_the_field_they_are_about(bo: User, the_conversation: Challenge) -> None:
    answer = visit_by(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"start_rung": 5, "end_rung": 2}
    )
    assert answer.status_code == 400
    (target, words), *others = summary_of(answer).items()
    assert not others
    assert target == "#id_end_rung_0"
    assert "A story ends on a rung, not below its start." in words


def test_facts_saved_from_an_old_window_are_kept_on_the_page_and_overwrite_nothing(
    bo: User, told: Story
) -> None:
    telling.edit(told, telling.StoryDraft(title="Written in the other window"), by=bo, seen=told.version)
    answer = visit_by(bo).post(
        page(told, "facts/"), FACTS | {"seen": told.version, "title": "Written in this one"}
    )
    assert answer.status_code == 409
    assert "Written in this one" in answer.content.decode()
    told.refresh_from_db()
    assert told.title == "Written in the other window"
    assert f'name="seen" value="{told.version}"' in answer.content.decode()


def test_who_one_was_then_is_kept_with_what_may_be_shown(bo: User, told: Story) -> None:
    answers = {
        "seen": told.version,
        "traits_then.age": "34",
        "traits_then.years_avoiding": "0",
        "traits_then.work_pattern": "nights",
        "traits_then.obstacles": ["time", "money"],
        "traits_then.gender": "",
        "shown_traits.work_pattern": "on",
        "shown_traits.gender": "on",
    }
    assert visit_by(bo).post(page(told, "then/"), answers).status_code == 302
    told.refresh_from_db()
    assert told.traits_then == {
        "age": 34,
        "years_avoiding": 0,
        "work_pattern": "nights",
        "obstacles": ["money", "time"],
    }
    assert told.shown_traits == ["work_pattern"]
    shown = visit_by(bo).get(page(told, "then/")).content.decode()
    assert 'value="34' in shown


def test_an_impossible_answer_about_then_is_said_beside_its_question(bo: User, told: Story) -> None:
    answer = visit_by(bo).post(page(told, "then/"), {"seen": told.version, "traits_then.age": "7"})
    assert answer.status_code == 400
    assert list(summary_of(answer)) == ["#id_traits_then.age"]


def test_consent_shows_the_words_in_full_and_keeps_each_use(bo: User, told: Story) -> None:
    browser = visit_by(bo)
    shown = browser.get(page(told, "consent/")).content.decode()
    assert "You can withdraw your story with one button" in shown
    uses = [ConsentUse.MEMBERS, ConsentUse.RESEARCH]
    agreed = {"seen": told.version, "text_version_read": 1, "uses": uses}
    assert browser.post(page(told, "consent/"), agreed).status_code == 302
    told.refresh_from_db()
    assert told.consent is not None
    assert told.consent.uses == ["members", "research"]


def test_consent_to_words_that_no_longer_stand_is_asked_for_again(bo: User, told: Story) -> None:
    old = {"seen": told.version, "text_version_read": 99, "uses": [ConsentUse.MEMBERS]}
    answer = visit_by(bo).post(page(told, "consent/"), old)
    assert answer.status_code == 400
    assert "The words of the consent have changed." in answer.content.decode()
    assert 'name="text_version_read" value="1"' in answer.content.decode()


def test_the_page_says_what_is_missing_and_offers_no_sending(bo: User, the_conversation: Challenge) -> None:
    story = telling.start(the_conversation, telling.StoryDraft(title="Bare"), by=bo)
    shown = visit_by(bo).get(page(story)).content.decode()
    for words in ("There is no recording yet.", "No chapter is marked.", "You have not given your consent."):
        assert words in shown
    assert "Send it to the moderators" not in shown
    answer = visit_by(bo).post(page(story, "submit/"), {"seen": story.version}, follow=True)
    assert "There is no recording yet." in answer.content.decode()
    story.refresh_from_db()
    assert story.state == StoryState.DRAFT


def test_a_complete_story_can_be_sent(bo: User, told: Story) -> None:
    assert "Send it to the moderators" in visit_by(bo).get(page(told)).content.decode()
    answer = visit_by(bo).post(page(told, "submit/"), {"seen": told.version}, follow=True)
    told.refresh_from_db()
    assert told.state == StoryState.IN_REVIEW
    assert "Waiting for review" in answer.content.decode()


def test_a_button_pressed_in_an_old_window_does_nothing_and_says_so(bo: User, told: Story) -> None:
    answer = visit_by(bo).post(page(told, "submit/"), {"seen": told.version - 1}, follow=True)
    assert "has changed since you opened the page" in answer.content.decode()
    told.refresh_from_db()
    assert told.state == StoryState.DRAFT


def test_a_button_without_the_version_it_was_shown_with_is_refused(bo: User, told: Story) -> None:
    assert visit_by(bo).post(page(told, "submit/")).status_code == 400


def test_a_story_in_review_is_no_longer_changed(bo: User, the_conversation: Challenge) -> None:
    story = story_in_review(bo, the_conversation)
    answer = visit_by(bo).post(page(story, "facts/"), FACTS | {"seen": story.version})
    assert answer.status_code == 409
    assert "“Waiting for review” by now" in answer.content.decode()


def test_a_published_story_is_hidden_and_shown_again(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = published_story(bo, the_conversation, by=mo)
    visit_by(bo).post(page(story, "hidden/"), {"seen": story.version, "hidden": "yes"})
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    assert "Published, hidden by you" in visit_by(bo).get(page(story)).content.decode()
    visit_by(bo).post(page(story, "hidden/"), {"seen": story.version + 1, "hidden": "no"})
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()


def test_taking_a_story_back_asks_first_and_counts_at_once(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = published_story(bo, the_conversation, by=mo)
    asked = visit_by(bo).get(page(story, "withdraw/")).content.decode()
    assert "Take it back for good" in asked
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    answer = visit_by(bo).post(page(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "Your story is withdrawn." in answer.content.decode()
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    again = visit_by(bo).get(page(story, "withdraw/")).content.decode()
    assert "There is nothing left to take back." in again


def test_a_removed_story_cannot_be_taken_back_and_the_page_says_so(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = published_story(bo, the_conversation, by=mo)
    publishing.remove(story, by=mo, seen=story.version, reason="Reported")
    answer = visit_by(bo).post(page(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "is “Removed” by now" in answer.content.decode()


@pytest.mark.parametrize("part", PAGES)
def test_every_page_of_a_story_is_its_tellers_alone(
    part: str, bo: User, ana: User, mo: User, told: Story
) -> None:
    assert visit_by(bo).get(page(told, part)).status_code == 200
    for other in (ana, mo):
        assert visit_by(other).get(page(told, part)).status_code == 404
    assert Client().get(page(told, part)).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("button", BUTTONS)
def test_every_button_of_a_story_is_its_tellers_alone(button: str, ana: User, mo: User, told: Story) -> None:
    for other in (ana, mo):
        answer = visit_by(other).post(page(told, button), {"seen": told.version, "hidden": "yes"})
        assert answer.status_code == 404
    assert Client().post(page(told, button)).headers["Location"].startswith("/accounts/login/")
    told.refresh_from_db()
    assert told.state == StoryState.DRAFT


@pytest.mark.parametrize("state", list(StoryState))
def test_the_page_of_a_story_says_every_state_in_words(state: StoryState, bo: User, told: Story) -> None:
    if state != StoryState.PUBLISHED:  # the database wants an approval for that, tested above
        Story.objects.filter(pk=told.pk).update(state=state)
        told.refresh_from_db()
        shown = visit_by(bo).get(page(told)).content.decode()
        assert told.said_state in shown


@pytest.mark.parametrize("how_many", [3, 15])
def test_the_list_of_ones_stories_takes_as_many_queries_however_long_it_is(
    how_many: int,
    bo: User,
    the_conversation: Challenge,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(how_many):
        telling.start(the_conversation, telling.StoryDraft(title=f"Story {number}"), by=bo)
    browser = visit_by(bo)
    with django_assert_max_num_queries(5):
        shown = browser.get("/tell/").content.decode()
    assert shown.count('class="card own-story"') == how_many


def test_a_long_list_of_stories_goes_on_where_it_ended(bo: User, the_conversation: Challenge) -> None:
    made = []
    for number in range(23):
        story = telling.start(the_conversation, telling.StoryDraft(title=f"Story {number}"), by=bo)
        made.append(story.pk)
        if number % 2:
            publishing.withdraw(story, by=bo)
    first = visit_by(bo).get("/tell/")
    second = visit_by(bo).get("/tell/", {"after": first.context["leaf"].goes_on})
    listed = [story.pk for answer in (first, second) for story, _ in answer.context["stories"]]
    assert listed == made[::-1]


def test_no_page_of_the_journey_has_script_or_style_inside(bo: User, told: Story) -> None:
    for part in PAGES:
        answer = visit_by(bo).get(page(told, part))
        shown = answer.content.decode()
        assert " style=" not in shown
        assert "<style" not in shown
        assert "<script>" not in shown
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_a_recording_that_may_be_damaged_waits_for_its_tellers_word(
    bo: User, the_conversation: Challenge
) -> None:
    story = draft_by(bo, the_conversation)
    damaged = recording_of(bo, status=Video.Status.DAMAGED)
    story = recorded(story, damaged)
    shown = visit_by(bo).get(page(story)).content.decode()
    assert "Part of the recording is missing." in shown
    assert "Send it to the moderators" not in shown
    visit_by(bo).post(page(story, "damaged/"), {"seen": story.version})
    story.refresh_from_db()
    assert story.may_be_damaged_confirmed
    assert "Send it to the moderators" in visit_by(bo).get(page(story)).content.decode()


def test_addresses_have_the_names_that_the_frame_links_to() -> None:
    assert reverse("web:my_stories") == "/tell/"
    assert reverse("web:notices") == "/tell/notices/"
