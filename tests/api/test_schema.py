"""The OpenAPI document says what is true: made from the code, with examples that fit, and kept under fuzzing."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its types are a package of their own
import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import consent_texts
from challenges.models import Challenge
from moderation import queue
from practice import steps, viewings
from stories.models import Story
from tests.people import NamedPeople
from tests.servers import ORIGIN
from tests.story_factories import (
    create_complete_draft,
    create_published_story,
    create_recording,
    create_story_in_review,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
METHODS = {"get", "put", "post", "patch", "delete"}
# Requests for each operation, sent by four people in turn: the same ones each time in the usual run, hundreds of new
# ones in the long form.
LONG_FORM = os.environ.get("SAMEBOAT_FUZZ_EXAMPLES")
EXAMPLES = int(LONG_FORM or "25")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
operations = {
    operation["operationId"]: (path, method)
    for path, item in document["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}


def read_operation(name: str) -> dict[str, Any]:
    path, method = operations[name]
    found: dict[str, Any] = document["paths"][path][method]
    return found


def test_the_document_is_what_the_code_says(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert made.read_text() == DOCUMENT.read_text(), "run: make docs"


def test_the_document_is_openapi_3_1() -> None:
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", operations)
def test_every_operation_has_an_example_of_what_is_sent_and_answered(name: str) -> None:
    operation = read_operation(name)
    assert operation["summary"]
    contents = [
        next(iter(answer["content"].values()))
        for status, answer in operation["responses"].items()
        if status.startswith("2") and "content" in answer
    ]
    if "requestBody" in operation:
        contents.append(operation["requestBody"]["content"]["application/json"])
    elif operations[name][1] in {"put", "patch"}:
        pytest.fail("a change without a body")
    for content in contents:
        assert content["examples"], name
        for example in content["examples"].values():
            assert_matches_schema(content["schema"], example["value"])


def assert_matches_schema(schema: dict[str, Any], value: object) -> None:
    """Raise a ValidationError unless the value fits; references lead into the document."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document, **schema}
    jsonschema.Draft202012Validator(whole).validate(value)


@pytest.mark.parametrize("name", operations)
def test_every_operation_says_how_it_refuses(name: str) -> None:
    refusals = {
        status: answer for status, answer in read_operation(name)["responses"].items() if status > "399"
    }
    assert "503" in refusals
    for answer in refusals.values():
        shape = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        content = shape["content"]["application/problem+json"]
        (example,) = content["examples"].values()
        assert_matches_schema(content["schema"], example["value"])


def test_creating_completing_submitting_deciding_and_withdrawing_take_a_key() -> None:
    keyed = {
        name
        for name in operations
        if any(one["name"] == "Idempotency-Key" for one in read_operation(name).get("parameters", []))
    }
    assert keyed >= {
        "stories_start",
        "stories_submit",
        "stories_withdraw",
        "uploads_begin",
        "uploads_complete",
        "review_decide",
        "steps_commit",
        "steps_attempt",
        "viewings_start",
        "readings_take",
    }


# --- Fuzzing, in process, against the real servers ---------------------------------------------------------

fuzzed = schemathesis.openapi.from_dict(document)
cases = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in fuzzed.get_all_operations()
    if isinstance(found, Ok)
}


@pytest.fixture
def known(people: NamedPeople, the_conversation: Challenge, bucket: str) -> dict[str, str]:
    """Things that are there, under the names of the parameters that may name them."""
    consent_texts.load_consent_texts()
    now = timezone.now()
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    waiting = create_story_in_review(people.bo, the_conversation)
    draft = create_complete_draft(people.bo, the_conversation)
    step = steps.create_step(the_conversation, "Write it down.", by=people.ana, rung=1, now=now)
    viewing = viewings.start_viewing(story, by=people.ana, slate=None, now=now)
    queue.claim_story(waiting, by=people.mo, now=now)
    upload_id = str(create_recording(people.bo).upload_id)
    return {
        "slug": the_conversation.slug,
        "challenge": the_conversation.slug,
        "language": "en",
        "open story": str(story.pk),
        "draft": str(draft.pk),
        "waiting": str(waiting.pk),
        "step_id": str(step.pk),
        "viewing_id": str(viewing.pk),
        "upload_id": upload_id,
        "upload": upload_id,
    }


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the test's transaction open from request to request, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


wsgi_application = functools.cache(get_wsgi_application)


def fill_in_known_ids(case: Case[Any], known: dict[str, str], story: str) -> None:
    """Let a case name things that are there, where otherwise chance would only find absent ones."""
    there = known | {"story_id": known[story], "story": known[story]}
    case.path_parameters = {
        name: there.get(name, value) for name, value in (case.path_parameters or {}).items()
    }
    if isinstance(case.body, dict):
        for name in case.body.keys() & there.keys():
            case.body[name] = there[name]
        if "expected_version" in case.body:
            case.body["expected_version"] = Story.objects.get(pk=there["story"]).version


@pytest.fixture
def tokens(as_ana: APIClient, as_bo: APIClient, as_mo: APIClient) -> dict[str, str]:
    """The session token of everybody who asks; nobody has none."""
    clients = {"ana": as_ana, "bo": as_bo, "mo": as_mo}
    return {"nobody": ""} | {name: client.cookies["sessionid"].value for name, client in clients.items()}


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("name", operations)
def test_nothing_that_anybody_sends_breaks_an_operation(
    known: dict[str, str], tokens: dict[str, str], name: str
) -> None:
    app, operation = wsgi_application(), cases[name]

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=LONG_FORM is None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=strategies.one_of(
            operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)
        ),
        target=strategies.sampled_from([None, "open story", "draft", "waiting"]),
        role=strategies.sampled_from(sorted(tokens)),
    )
    def ask(case: Case[Any], target: str | None, role: str) -> None:
        cache.clear()  # the limits are tested elsewhere
        checks = CHECKS
        if target is not None:
            fill_in_known_ids(case, known, target)
            checks = [check for check in CHECKS if check is not negative_data_rejection]
        headers = {"X-Session-Token": tokens[role]} if tokens[role] else {}
        case.validate_response(case.call(base_url=ORIGIN, headers=headers, app=app), checks=checks)

    ask()
