import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisGone
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.traits.catalogue import InvalidTrait
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


def test_problem_details_have_all_members_and_a_crisis_help_url(as_nobody: APIClient) -> None:
    response = as_nobody.get("/api/v1/profile")
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == MEMBERS
    assert problem["type"] == "about:blank"
    assert problem["crisis_help_url"] == f"{settings.PUBLIC_ORIGIN}/help-now"


def test_unauthenticated_requests_get_a_challenge(as_nobody: APIClient) -> None:
    response = as_nobody.get("/api/v1/profile")
    assert (response.status_code, response.json()["code"]) == (401, "sign_in")
    assert response["WWW-Authenticate"]


def test_each_invalid_field_is_listed_with_a_fix(as_ana: APIClient) -> None:
    response = as_ana.post("/api/v1/steps", {"challenge": "x", "rung": "1", "colour": "red"}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "colour", "problem": "This field does not exist.", "fix": "Leave it out."}
    ]
    response = as_ana.post("/api/v1/steps", {"challenge": "x", "rung": "1"}, format="json")
    errors_by_field = {error["field"]: error for error in response.json()["errors"]}
    assert errors_by_field.keys() == {"rung", "text"}
    assert errors_by_field["text"]["fix"] == "Add it."


@pytest.mark.parametrize("body", [[], "text", 3, None, [{"challenge": "x"}]], ids=repr)
def test_a_body_that_is_not_an_object_is_rejected(as_ana: APIClient, body: object) -> None:
    response = as_ana.post("/api/v1/steps", body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_form_encoded_body_is_rejected(as_ana: APIClient) -> None:
    response = as_ana.post("/api/v1/steps", data="rung=1", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_an_unsupported_method_is_rejected(as_ana: APIClient) -> None:
    response = as_ana.delete("/api/v1/steps")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_unknown_urls_are_problem_details_under_the_api_and_pages_elsewhere(
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
    ids=["bad request", "forbidden", "internal error"],
)
def test_errors_outside_views_are_handled_by_the_api_or_the_site(
    rf: RequestFactory, handler: error_handlers.ErrorHandler, exception: Exception | None, status: int
) -> None:
    def handle(request: WSGIRequest) -> tuple[int, str]:
        response = handler(request) if exception is None else handler(request, exception=exception)
        return response.status_code, response["Content-Type"].partition(";")[0]

    assert handle(rf.get("/api/v1/steps")) == (status, "application/problem+json")
    assert handle(rf.get("/challenges/")) == (status, "text/html")


@pytest.mark.parametrize(
    "error",
    [OperationalError(), RedisGone(), StoreUnreachable("timeout")],
    ids=["database", "Redis", "bucket"],
)
def test_an_unavailable_service_results_in_503_with_retry_after(error: Exception) -> None:
    problem = handler.problem_for(error)
    assert problem is not None
    assert (problem.status, problem.code) == (503, "out_of_reach")
    assert int(problem.headers["Retry-After"]) > 0


def test_an_unexpected_error_is_left_to_django() -> None:
    assert handler.problem_exception_handler(ZeroDivisionError(), {}) is None


def test_a_field_error_keeps_its_field_and_fix() -> None:
    problem = handler.problem_for(InvalidTrait("traits.age", "This is not a number.", "Give a number."))
    assert problem is not None
    assert problem.status == 400
    assert problem.body()["errors"] == [
        {"field": "traits.age", "problem": "This is not a number.", "fix": "Give a number."}
    ]


def test_invalid_captions_name_the_line() -> None:
    problem = handler.problem_for(InvalidCaptions(7, "This cue ends before it starts."))
    assert problem is not None
    assert problem.errors[0].problem == "Line 7: This cue ends before it starts."


def test_a_conflict_contains_the_current_story(people: NamedPeople, the_conversation: Challenge) -> None:
    story = create_complete_draft(people.bo, the_conversation)
    problem = handler.problem_for(StoryVersionConflict(story, expected_version=1))
    assert problem is not None
    assert (problem.status, problem.code) == (409, "story_moved")
    assert problem.current is not None
    assert problem.current["version"] == story.version
    assert problem.headers["ETag"] == f'"{story.version}"'


def test_nested_errors_become_field_paths() -> None:
    error = ValidationError({"chapters": [{}, {"start_ms": ["Too small."]}], "uses": ["No."]})
    assert [(problem.field, problem.problem) for problem in flatten_field_errors(error.detail)] == [
        ("chapters.1.start_ms", "Too small."),
        ("uses", "No."),
    ]
