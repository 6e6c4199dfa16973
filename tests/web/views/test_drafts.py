"""The tell journey: begin, facts, then-self, consent, send, hide, take back; and nothing of it for anybody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import ConsentUse, User
from challenges.models import Challenge
from media.models import Video
from stories import drafts, publishing
from stories.models import Story, StoryState
from tests.story_factories import (
    attach_recording_and_captions,
    create_complete_draft,
    create_published_story,
    create_recording,
    create_story_in_review,
)
from tests.web.clients import error_summary_of, logged_in_client

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


def story_url(story: Story, part: str = "") -> str:
    return f"/tell/{story.pk}/{part}"


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def test_a_teller_begins_a_story_with_its_facts(bo: User, the_conversation: Challenge) -> None:
    browser = logged_in_client(bo)
    assert browser.get("/tell/").status_code == 200
    assert "the-conversation" in browser.get("/tell/start/").content.decode()
    answer = browser.post(f"/tell/start/{the_conversation.slug}/", FACTS)
    story = Story.objects.get()
    assert answer.headers["Location"] == story_url(story)
    assert (story.teller, story.title, story.end_rung) == (bo, "I rang my sister", 2)
    assert story.strategies == ["small_steps", "rehearse"]
    assert story.content_notes == ["mental_health"]


def test_what_cannot_be_kept_is_said_beside_its_field_and_on_top(
    bo: User, the_conversation: Challenge
) -> None:
    answer = logged_in_client(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"title": "", "start_rung": 5, "end_rung": 2}
    )
    assert answer.status_code == 400
    assert error_summary_of(answer) == {
        "#id_title": "Title: Give your story a title. You can change it later."
    }
    assert not Story.objects.exists()


def test_the_products_own_rules_reach_the_field_they_are_about(bo: User, the_conversation: Challenge) -> None:
    answer = logged_in_client(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"start_rung": 5, "end_rung": 2}
    )
    assert answer.status_code == 400
    (target, words), *others = error_summary_of(answer).items()
    assert not others
    assert target == "#id_end_rung_0"
    assert "A story ends on a rung, not below its start." in words


def test_facts_saved_from_an_old_window_are_kept_on_the_page_and_overwrite_nothing(
    bo: User, told: Story
) -> None:
    drafts.update_draft(
        told, drafts.StoryDraft(title="Written in the other window"), by=bo, expected_version=told.version
    )
    answer = logged_in_client(bo).post(
        story_url(told, "facts/"), FACTS | {"seen": told.version, "title": "Written in this one"}
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
    assert logged_in_client(bo).post(story_url(told, "then/"), answers).status_code == 302
    told.refresh_from_db()
    assert told.traits_then == {
        "age": 34,
        "years_avoiding": 0,
        "work_pattern": "nights",
        "obstacles": ["money", "time"],
    }
    assert told.shown_traits == ["work_pattern"]
    shown = logged_in_client(bo).get(story_url(told, "then/")).content.decode()
    assert 'value="34' in shown


def test_an_impossible_answer_about_then_is_said_beside_its_question(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(
        story_url(told, "then/"), {"seen": told.version, "traits_then.age": "7"}
    )
    assert answer.status_code == 400
    assert list(error_summary_of(answer)) == ["#id_traits_then.age"]


def test_consent_shows_the_words_in_full_and_keeps_each_use(bo: User, told: Story) -> None:
    browser = logged_in_client(bo)
    shown = browser.get(story_url(told, "consent/")).content.decode()
    assert "You can withdraw your story with one button" in shown
    uses = [ConsentUse.MEMBERS, ConsentUse.RESEARCH]
    agreed = {"seen": told.version, "text_version_read": 1, "uses": uses}
    assert browser.post(story_url(told, "consent/"), agreed).status_code == 302
    told.refresh_from_db()
    assert told.consent is not None
    assert told.consent.uses == ["members", "research"]


def test_consent_to_words_that_no_longer_stand_is_asked_for_again(bo: User, told: Story) -> None:
    old = {"seen": told.version, "text_version_read": 99, "uses": [ConsentUse.MEMBERS]}
    answer = logged_in_client(bo).post(story_url(told, "consent/"), old)
    assert answer.status_code == 400
    assert "The words of the consent have changed." in answer.content.decode()
    assert 'name="text_version_read" value="1"' in answer.content.decode()


def test_the_page_says_what_is_missing_and_offers_no_sending(bo: User, the_conversation: Challenge) -> None:
    story = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Bare"), by=bo)
    shown = logged_in_client(bo).get(story_url(story)).content.decode()
    for words in ("There is no recording yet.", "No chapter is marked.", "You have not given your consent."):
        assert words in shown
    assert "Submit for review" not in shown
    answer = logged_in_client(bo).post(story_url(story, "submit/"), {"seen": story.version}, follow=True)
    assert "There is no recording yet." in answer.content.decode()
    story.refresh_from_db()
    assert story.state == StoryState.DRAFT


def test_a_complete_story_can_be_sent(bo: User, told: Story) -> None:
    assert "Submit for review" in logged_in_client(bo).get(story_url(told)).content.decode()
    answer = logged_in_client(bo).post(story_url(told, "submit/"), {"seen": told.version}, follow=True)
    told.refresh_from_db()
    assert told.state == StoryState.IN_REVIEW
    assert "Waiting for review" in answer.content.decode()


def test_a_button_pressed_in_an_old_window_does_nothing_and_says_so(bo: User, told: Story) -> None:
    answer = logged_in_client(bo).post(story_url(told, "submit/"), {"seen": told.version - 1}, follow=True)
    assert "has changed since you opened the page" in answer.content.decode()
    told.refresh_from_db()
    assert told.state == StoryState.DRAFT


def test_a_button_without_the_version_it_was_shown_with_is_refused(bo: User, told: Story) -> None:
    assert logged_in_client(bo).post(story_url(told, "submit/")).status_code == 400


def test_a_story_in_review_is_no_longer_changed(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    answer = logged_in_client(bo).post(story_url(story, "facts/"), FACTS | {"seen": story.version})
    assert answer.status_code == 409
    assert "now “Waiting for review”" in answer.content.decode()


def test_a_published_story_is_hidden_and_shown_again(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    logged_in_client(bo).post(story_url(story, "hidden/"), {"seen": story.version, "hidden": "yes"})
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    assert "Published, hidden by you" in logged_in_client(bo).get(story_url(story)).content.decode()
    logged_in_client(bo).post(story_url(story, "hidden/"), {"seen": story.version + 1, "hidden": "no"})
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()


def test_taking_a_story_back_asks_first_and_counts_at_once(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    asked = logged_in_client(bo).get(story_url(story, "withdraw/")).content.decode()
    assert "Withdraw permanently" in asked
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    answer = logged_in_client(bo).post(story_url(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "Your story is withdrawn." in answer.content.decode()
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    again = logged_in_client(bo).get(story_url(story, "withdraw/")).content.decode()
    assert "You cannot withdraw this story" in again


def test_a_removed_story_cannot_be_taken_back_and_the_page_says_so(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    publishing.remove_story(story, by=mo, expected_version=story.version, reason="Reported")
    answer = logged_in_client(bo).post(story_url(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "is now “Removed”" in answer.content.decode()


@pytest.mark.parametrize("part", PAGES)
def test_every_page_of_a_story_is_its_tellers_alone(
    part: str, bo: User, ana: User, mo: User, told: Story
) -> None:
    assert logged_in_client(bo).get(story_url(told, part)).status_code == 200
    for other in (ana, mo):
        assert logged_in_client(other).get(story_url(told, part)).status_code == 404
    assert Client().get(story_url(told, part)).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("button", BUTTONS)
def test_every_button_of_a_story_is_its_tellers_alone(button: str, ana: User, mo: User, told: Story) -> None:
    for other in (ana, mo):
        answer = logged_in_client(other).post(
            story_url(told, button), {"seen": told.version, "hidden": "yes"}
        )
        assert answer.status_code == 404
    assert Client().post(story_url(told, button)).headers["Location"].startswith("/accounts/login/")
    told.refresh_from_db()
    assert told.state == StoryState.DRAFT


@pytest.mark.parametrize("state", list(StoryState))
def test_the_page_of_a_story_says_every_state_in_words(state: StoryState, bo: User, told: Story) -> None:
    if state != StoryState.PUBLISHED:  # the database wants an approval for that, tested above
        Story.objects.filter(pk=told.pk).update(state=state)
        told.refresh_from_db()
        shown = logged_in_client(bo).get(story_url(told)).content.decode()
        assert told.state_label in shown


@pytest.mark.parametrize("how_many", [3, 15])
def test_the_list_of_ones_stories_takes_as_many_queries_however_long_it_is(
    how_many: int,
    bo: User,
    the_conversation: Challenge,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(how_many):
        drafts.create_draft(the_conversation, drafts.StoryDraft(title=f"Story {number}"), by=bo)
    browser = logged_in_client(bo)
    with django_assert_max_num_queries(5):
        shown = browser.get("/tell/").content.decode()
    assert shown.count('class="card own-story"') == how_many


def test_a_long_list_of_stories_goes_on_where_it_ended(bo: User, the_conversation: Challenge) -> None:
    made = []
    for number in range(23):
        story = drafts.create_draft(the_conversation, drafts.StoryDraft(title=f"Story {number}"), by=bo)
        made.append(story.pk)
        if number % 2:
            publishing.withdraw_story(story, by=bo)
    first = logged_in_client(bo).get("/tell/")
    second = logged_in_client(bo).get("/tell/", {"after": first.context["page"].next_cursor})
    listed = [story.pk for answer in (first, second) for story, _ in answer.context["stories"]]
    assert listed == made[::-1]


def test_no_page_of_the_journey_has_script_or_style_inside(bo: User, told: Story) -> None:
    for part in PAGES:
        answer = logged_in_client(bo).get(story_url(told, part))
        shown = answer.content.decode()
        assert " style=" not in shown
        assert "<style" not in shown
        assert "<script>" not in shown
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_a_recording_that_may_be_damaged_waits_for_its_tellers_word(
    bo: User, the_conversation: Challenge
) -> None:
    story = create_complete_draft(bo, the_conversation)
    damaged = create_recording(bo, status=Video.Status.DAMAGED)
    story = attach_recording_and_captions(story, damaged)
    shown = logged_in_client(bo).get(story_url(story)).content.decode()
    assert "Part of the recording is missing." in shown
    assert "Submit for review" not in shown
    logged_in_client(bo).post(story_url(story, "damaged/"), {"seen": story.version})
    story.refresh_from_db()
    assert story.may_be_damaged_confirmed
    assert "Submit for review" in logged_in_client(bo).get(story_url(story)).content.decode()


def test_addresses_have_the_names_that_the_frame_links_to() -> None:
    assert reverse("web:my_stories") == "/tell/"
    assert reverse("web:notices") == "/tell/notices/"
