"""Tell journey: create, edit, consent, submit, hide, withdraw; closed to other users."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import ConsentUse, User
from challenges.models import Challenge
from media.models import Video
from stories import drafts, publishing
from stories.draft_validation import StoryDraft
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
def own_draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def test_story_details_create_a_draft(bo: User, the_conversation: Challenge) -> None:
    client = logged_in_client(bo)
    assert client.get("/tell/").status_code == 200
    assert "the-conversation" in client.get("/tell/start/").content.decode()
    response = client.post(f"/tell/start/{the_conversation.slug}/", FACTS)
    story = Story.objects.get()
    assert response.headers["Location"] == story_url(story)
    assert (story.teller, story.title, story.end_rung) == (bo, "I rang my sister", 2)
    assert story.strategies == ["small_steps", "rehearse"]
    assert story.content_notes == ["mental_health"]


def test_form_errors_are_shown_at_the_field_and_in_the_summary(bo: User, the_conversation: Challenge) -> None:
    response = logged_in_client(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"title": "", "start_rung": 5, "end_rung": 2}
    )
    assert response.status_code == 400
    assert error_summary_of(response) == {
        "#id_title": "Title: Give your story a title. You can change it later."
    }
    assert not Story.objects.exists()


def test_domain_errors_are_shown_at_their_field(bo: User, the_conversation: Challenge) -> None:
    response = logged_in_client(bo).post(
        f"/tell/start/{the_conversation.slug}/", FACTS | {"start_rung": 5, "end_rung": 2}
    )
    assert response.status_code == 400
    (target, message), *others = error_summary_of(response).items()
    assert not others
    assert target == "#id_end_rung_0"
    assert "A story ends on a rung, and not below the rung where it starts." in message


def test_stale_edit_keeps_the_input_and_overwrites_nothing(bo: User, own_draft: Story) -> None:
    drafts.update_draft(
        own_draft,
        StoryDraft(title="Written in the other window"),
        by=bo,
        expected_version=own_draft.version,
    )
    response = logged_in_client(bo).post(
        story_url(own_draft, "facts/"), FACTS | {"seen": own_draft.version, "title": "Written in this one"}
    )
    assert response.status_code == 409
    assert "Written in this one" in response.content.decode()
    own_draft.refresh_from_db()
    assert own_draft.title == "Written in the other window"
    assert f'name="seen" value="{own_draft.version}"' in response.content.decode()


def test_then_self_answers_are_saved_with_their_visibility(bo: User, own_draft: Story) -> None:
    answers = {
        "seen": own_draft.version,
        "traits_then.age": "34",
        "traits_then.years_avoiding": "0",
        "traits_then.work_pattern": "nights",
        "traits_then.obstacles": ["time", "money"],
        "traits_then.gender": "",
        "shown_traits.work_pattern": "on",
        "shown_traits.gender": "on",
    }
    assert logged_in_client(bo).post(story_url(own_draft, "then/"), answers).status_code == 302
    own_draft.refresh_from_db()
    assert own_draft.traits_then == {
        "age": 34,
        "years_avoiding": 0,
        "work_pattern": "nights",
        "obstacles": ["money", "time"],
    }
    assert own_draft.shown_traits == ["work_pattern"]
    html = logged_in_client(bo).get(story_url(own_draft, "then/")).content.decode()
    assert 'value="34' in html


def test_invalid_then_self_answer_is_shown_at_its_field(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "then/"), {"seen": own_draft.version, "traits_then.age": "7"}
    )
    assert response.status_code == 400
    assert list(error_summary_of(response)) == ["#id_traits_then.age"]


def test_consent_page_shows_the_full_text_and_saves_the_uses(bo: User, own_draft: Story) -> None:
    client = logged_in_client(bo)
    html = client.get(story_url(own_draft, "consent/")).content.decode()
    assert "You can withdraw your story with one button" in html
    uses = [ConsentUse.MEMBERS, ConsentUse.RESEARCH]
    agreed = {"seen": own_draft.version, "text_version_read": 1, "uses": uses}
    assert client.post(story_url(own_draft, "consent/"), agreed).status_code == 302
    own_draft.refresh_from_db()
    assert own_draft.consent is not None
    assert own_draft.consent.uses == ["members", "research"]


def test_consent_to_an_outdated_text_is_rejected(bo: User, own_draft: Story) -> None:
    outdated_consent = {"seen": own_draft.version, "text_version_read": 99, "uses": [ConsentUse.MEMBERS]}
    response = logged_in_client(bo).post(story_url(own_draft, "consent/"), outdated_consent)
    assert response.status_code == 400
    assert "The consent text has changed." in response.content.decode()
    assert 'name="text_version_read" value="1"' in response.content.decode()


def test_incomplete_draft_lists_what_is_missing_and_cannot_be_submitted(
    bo: User, the_conversation: Challenge
) -> None:
    story = drafts.create_draft(the_conversation, StoryDraft(title="Bare"), by=bo)
    html = logged_in_client(bo).get(story_url(story)).content.decode()
    for message in (
        "There is no recording yet.",
        "No chapter is marked.",
        "You have not given your consent.",
    ):
        assert message in html
    assert "Submit for review" not in html
    response = logged_in_client(bo).post(story_url(story, "submit/"), {"seen": story.version}, follow=True)
    assert "There is no recording yet." in response.content.decode()
    story.refresh_from_db()
    assert story.state == StoryState.DRAFT


def test_complete_draft_can_be_submitted(bo: User, own_draft: Story) -> None:
    assert "Submit for review" in logged_in_client(bo).get(story_url(own_draft)).content.decode()
    response = logged_in_client(bo).post(
        story_url(own_draft, "submit/"), {"seen": own_draft.version}, follow=True
    )
    own_draft.refresh_from_db()
    assert own_draft.state == StoryState.IN_REVIEW
    assert "Waiting for review" in response.content.decode()


def test_stale_button_does_nothing_and_says_so(bo: User, own_draft: Story) -> None:
    response = logged_in_client(bo).post(
        story_url(own_draft, "submit/"), {"seen": own_draft.version - 1}, follow=True
    )
    assert "has changed since you opened the page" in response.content.decode()
    own_draft.refresh_from_db()
    assert own_draft.state == StoryState.DRAFT


def test_button_without_a_version_is_rejected(bo: User, own_draft: Story) -> None:
    assert logged_in_client(bo).post(story_url(own_draft, "submit/")).status_code == 400


def test_story_in_review_cannot_be_edited(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    response = logged_in_client(bo).post(story_url(story, "facts/"), FACTS | {"seen": story.version})
    assert response.status_code == 409
    assert "now “Waiting for review”" in response.content.decode()


def test_published_story_can_be_hidden_and_shown(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    logged_in_client(bo).post(story_url(story, "hidden/"), {"seen": story.version, "hidden": "yes"})
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    assert "Published, hidden by you" in logged_in_client(bo).get(story_url(story)).content.decode()
    logged_in_client(bo).post(story_url(story, "hidden/"), {"seen": story.version + 1, "hidden": "no"})
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()


def test_withdrawal_asks_for_confirmation_and_takes_effect_at_once(
    bo: User, mo: User, ana: User, the_conversation: Challenge
) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    confirmation_html = logged_in_client(bo).get(story_url(story, "withdraw/")).content.decode()
    assert "Withdraw permanently" in confirmation_html
    assert Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    response = logged_in_client(bo).post(story_url(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "Your story is withdrawn." in response.content.decode()
    assert not Story.objects.visible_to(ana).filter(pk=story.pk).exists()
    repeated_html = logged_in_client(bo).get(story_url(story, "withdraw/")).content.decode()
    assert "You cannot withdraw this story" in repeated_html


def test_removed_story_cannot_be_withdrawn(bo: User, mo: User, the_conversation: Challenge) -> None:
    story = create_published_story(bo, the_conversation, by=mo)
    publishing.remove_story(story, by=mo, expected_version=story.version, reason="Reported")
    response = logged_in_client(bo).post(story_url(story, "withdraw/"), {"seen": story.version}, follow=True)
    assert "is now “Removed”" in response.content.decode()


@pytest.mark.parametrize("part", PAGES)
def test_pages_of_a_draft_answer_404_to_others(
    part: str, bo: User, ana: User, mo: User, own_draft: Story
) -> None:
    assert logged_in_client(bo).get(story_url(own_draft, part)).status_code == 200
    for other in (ana, mo):
        assert logged_in_client(other).get(story_url(own_draft, part)).status_code == 404
    assert Client().get(story_url(own_draft, part)).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_of_a_draft_answer_404_to_others(button: str, ana: User, mo: User, own_draft: Story) -> None:
    for other in (ana, mo):
        response = logged_in_client(other).post(
            story_url(own_draft, button), {"seen": own_draft.version, "hidden": "yes"}
        )
        assert response.status_code == 404
    assert Client().post(story_url(own_draft, button)).headers["Location"].startswith("/accounts/login/")
    own_draft.refresh_from_db()
    assert own_draft.state == StoryState.DRAFT


@pytest.mark.parametrize("state", list(StoryState))
def test_story_page_shows_the_label_of_every_state(state: StoryState, bo: User, own_draft: Story) -> None:
    if state != StoryState.PUBLISHED:  # a database constraint requires an approval; tested above
        Story.objects.filter(pk=own_draft.pk).update(state=state)
        own_draft.refresh_from_db()
        html = logged_in_client(bo).get(story_url(own_draft)).content.decode()
        assert own_draft.state_label in html


@pytest.mark.parametrize("how_many", [3, 15])
def test_story_list_has_a_constant_query_count(
    how_many: int,
    bo: User,
    the_conversation: Challenge,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(how_many):
        drafts.create_draft(the_conversation, StoryDraft(title=f"Story {number}"), by=bo)
    client = logged_in_client(bo)
    with django_assert_max_num_queries(5):
        html = client.get("/tell/").content.decode()
    assert html.count('class="card own-story"') == how_many


def test_second_page_of_stories_continues_after_the_first(bo: User, the_conversation: Challenge) -> None:
    created = []
    for number in range(23):
        story = drafts.create_draft(the_conversation, StoryDraft(title=f"Story {number}"), by=bo)
        created.append(story.pk)
        if number % 2:
            publishing.withdraw_story(story, by=bo)
    first = logged_in_client(bo).get("/tell/")
    second = logged_in_client(bo).get("/tell/", {"after": first.context["page"].next_cursor})
    listed = [story.pk for response in (first, second) for story, _ in response.context["stories"]]
    assert listed == created[::-1]


def test_tell_pages_have_no_inline_script_or_style(bo: User, own_draft: Story) -> None:
    for part in PAGES:
        response = logged_in_client(bo).get(story_url(own_draft, part))
        html = response.content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


def test_possibly_damaged_recording_needs_confirmation(bo: User, the_conversation: Challenge) -> None:
    story = create_complete_draft(bo, the_conversation)
    damaged = create_recording(bo, status=Video.Status.DAMAGED)
    story = attach_recording_and_captions(story, damaged)
    html = logged_in_client(bo).get(story_url(story)).content.decode()
    assert "Part of the recording is missing." in html
    assert "Submit for review" not in html
    logged_in_client(bo).post(story_url(story, "damaged/"), {"seen": story.version})
    story.refresh_from_db()
    assert story.may_be_damaged_confirmed
    assert "Submit for review" in logged_in_client(bo).get(story_url(story)).content.decode()


def test_named_urls_match_the_navigation() -> None:
    assert reverse("web:my_stories") == "/tell/"
    assert reverse("web:notices") == "/tell/notices/"
