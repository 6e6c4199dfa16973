"""Every refusal is a problem that programs and people can read, with help for somebody in danger."""

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisGone
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.traits.catalogue import BadTrait
from api.problems import handler
from api.problems.details import flatten_field_errors
from challenges.models import Challenge
from config import error_handlers
from media.captions.vtt import InvalidCaptions
from media.storage import StoreUnreachable
from stories.lifecycle import StoryVersionConflict
from tests.people import NamedPeople
from tests.story_factories import create_complete_draft

MEMBERS = {"type", "title", "status", "code", "detail", "crisis_help_url", "errors", "current"}


def test_a_problem_has_every_member_and_says_where_help_is(as_nobody: APIClient) -> None:
    answer = as_nobody.get("/api/v1/profile")
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() == MEMBERS
    assert problem["type"] == "about:blank"
    assert problem["crisis_help_url"] == f"{settings.PUBLIC_ORIGIN}/help-now"


def test_who_is_not_signed_in_is_told_how_to_come_in(as_nobody: APIClient) -> None:
    answer = as_nobody.get("/api/v1/profile")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
    assert answer["WWW-Authenticate"]


def test_each_wrong_field_is_named_with_what_to_do(as_ana: APIClient) -> None:
    answer = as_ana.post("/api/v1/steps", {"challenge": "x", "rung": "1", "colour": "red"}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "colour", "problem": "There is no such field.", "fix": "Leave it out."}
    ]
    answer = as_ana.post("/api/v1/steps", {"challenge": "x", "rung": "1"}, format="json")
    found = {error["field"]: error for error in answer.json()["errors"]}
    assert found.keys() == {"rung", "text"}
    assert found["text"]["fix"] == "Add it."


@pytest.mark.parametrize("body", [[], "text", 3, None, [{"challenge": "x"}]], ids=repr)
def test_a_body_that_is_no_object_is_refused(as_ana: APIClient, body: object) -> None:
    answer = as_ana.post("/api/v1/steps", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_form_is_not_json(as_ana: APIClient) -> None:
    answer = as_ana.post("/api/v1/steps", data="rung=1", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_method_that_does_nothing_here_is_refused(as_ana: APIClient) -> None:
    answer = as_ana.delete("/api/v1/steps")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_an_address_that_leads_nowhere_is_a_problem_under_the_api_and_a_page_elsewhere(
    as_nobody: APIClient,
) -> None:
    under_api = as_nobody.get("/api/v1/nowhere")
    assert (under_api.status_code, under_api["Content-Type"]) == (404, "application/problem+json")
    assert under_api.json()["crisis_help_url"].endswith("/help-now")
    elsewhere = as_nobody.get("/nowhere-at-all")
    assert elsewhere.status_code == 404
    assert elsewhere["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("handler", "exception", "status"),
    [
        (error_handlers.bad_request, SuspiciousOperation(), 400),
        (error_handlers.forbidden, PermissionDenied(), 403),
        (error_handlers.server_error, None, 500),
    ],
    ids=["bad request", "forbidden", "our fault"],
)
def test_what_no_view_answered_is_answered_by_its_edge(
    rf: RequestFactory, handler: error_handlers.ErrorHandler, exception: Exception | None, status: int
) -> None:
    def ask(request: WSGIRequest) -> tuple[int, str]:
        answer = handler(request) if exception is None else handler(request, exception=exception)
        return answer.status_code, answer["Content-Type"].partition(";")[0]

    assert ask(rf.get("/api/v1/steps")) == (status, "application/problem+json")
    assert ask(rf.get("/challenges/")) == (status, "text/html")


@pytest.mark.parametrize(
    "gone",
    [OperationalError(), RedisGone(), StoreUnreachable("timeout")],
    ids=["database", "Redis", "bucket"],
)
def test_a_part_that_does_not_answer_is_told_with_when_to_come_back(gone: Exception) -> None:
    problem = handler.problem_for(gone)
    assert problem is not None
    assert (problem.status, problem.code) == (503, "out_of_reach")
    assert int(problem.headers["Retry-After"]) > 0


def test_a_fault_of_ours_is_handed_on() -> None:
    assert handler.problem_exception_handler(ZeroDivisionError(), {}) is None


def test_a_domain_error_keeps_its_field_and_fix() -> None:
    problem = handler.problem_for(BadTrait("traits.age", "This is not a number.", "Give a number."))
    assert problem is not None
    assert problem.status == 400
    assert problem.body()["errors"] == [
        {"field": "traits.age", "problem": "This is not a number.", "fix": "Give a number."}
    ]


def test_captions_are_refused_with_their_line() -> None:
    problem = handler.problem_for(InvalidCaptions(7, "This cue ends before it starts."))
    assert problem is not None
    assert problem.errors[0].problem == "Line 7: This cue ends before it starts."


def test_a_conflict_carries_the_story_as_it_stands(people: NamedPeople, the_conversation: Challenge) -> None:
    story = create_complete_draft(people.bo, the_conversation)
    problem = handler.problem_for(StoryVersionConflict(story, seen=1))
    assert problem is not None
    assert (problem.status, problem.code) == (409, "story_moved")
    assert problem.current is not None
    assert problem.current["version"] == story.version
    assert problem.headers["ETag"] == f'"{story.version}"'


def test_nested_problems_become_paths() -> None:
    error = ValidationError({"chapters": [{}, {"start_ms": ["Too small."]}], "uses": ["No."]})
    assert [(one.field, one.problem) for one in flatten_field_errors(error.detail)] == [
        ("chapters.1.start_ms", "Too small."),
        ("uses", "No."),
    ]
