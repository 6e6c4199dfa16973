import functools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
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

from accounts import consent_text_loading
from challenges.models import Challenge
from moderation import queue
from practice import steps, viewings
from stories.models import Story
from tests.api.openapi_document import document, operations
from tests.people import NamedPeople
from tests.servers import ORIGIN
from tests.story_factories import (
    create_complete_draft,
    create_published_story,
    create_recording,
    create_story_in_review,
)

# Number of fuzzed requests for each operation: reproducible by default, random if the environment variable is set.
FUZZ_EXAMPLES = os.environ.get("SAMEBOAT_FUZZ_EXAMPLES")
EXAMPLES = int(FUZZ_EXAMPLES or "25")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

fuzzed = schemathesis.openapi.from_dict(document)
cases = {
    result.ok().definition.raw["operationId"]: result.ok()
    for result in fuzzed.get_all_operations()
    if isinstance(result, Ok)
}


@pytest.fixture
def known_ids(people: NamedPeople, the_conversation: Challenge, bucket: str) -> dict[str, str]:
    """Ids of existing objects by the names of the parameters that take them."""
    consent_text_loading.load_consent_texts()
    now = timezone.now()
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    submitted_story = create_story_in_review(people.bo, the_conversation)
    draft = create_complete_draft(people.bo, the_conversation)
    step = steps.create_step(the_conversation, "Write it down.", by=people.ana, rung=1, now=now)
    viewing = viewings.start_viewing(story, by=people.ana, slate=None, now=now)
    queue.claim_story(submitted_story, by=people.mo, now=now)
    upload_id = str(create_recording(people.bo).upload_id)
    return {
        "slug": the_conversation.slug,
        "challenge": the_conversation.slug,
        "language": "en",
        "open story": str(story.pk),
        "draft": str(draft.pk),
        "submitted story": str(submitted_story.pk),
        "step_id": str(step.pk),
        "viewing_id": str(viewing.pk),
        "upload_id": upload_id,
        "upload": upload_id,
    }


@pytest.fixture
def _shared_connection() -> Iterator[None]:
    """Keep the test's transaction open between requests, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


wsgi_application = functools.cache(get_wsgi_application)


def fill_in_known_ids(case: Case[Any], known_ids: dict[str, str], story: str) -> None:
    """Replace random ids by ids of existing objects."""
    ids = known_ids | {"story_id": known_ids[story], "story": known_ids[story]}
    case.path_parameters = {
        name: ids.get(name, value) for name, value in (case.path_parameters or {}).items()
    }
    if isinstance(case.body, dict):
        for name in case.body.keys() & ids.keys():
            case.body[name] = ids[name]
        if "expected_version" in case.body:
            case.body["expected_version"] = Story.objects.get(pk=ids["story"]).version


@pytest.fixture
def tokens(as_ana: APIClient, as_bo: APIClient, as_mo: APIClient) -> dict[str, str]:
    """Session tokens by user; "nobody" sends none."""
    clients = {"ana": as_ana, "bo": as_bo, "mo": as_mo}
    return {"nobody": ""} | {name: client.cookies["sessionid"].value for name, client in clients.items()}


@pytest.mark.usefixtures("_shared_connection")
@pytest.mark.parametrize("name", operations)
def test_fuzzed_requests_do_not_break_an_operation(
    known_ids: dict[str, str], tokens: dict[str, str], name: str
) -> None:
    app, operation = wsgi_application(), cases[name]

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=FUZZ_EXAMPLES is None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=strategies.one_of(
            operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)
        ),
        target=strategies.sampled_from([None, "open story", "draft", "submitted story"]),
        role=strategies.sampled_from(sorted(tokens)),
    )
    def send(case: Case[Any], target: str | None, role: str) -> None:
        cache.clear()  # resets the rate limits
        checks = CHECKS
        if target is not None:
            fill_in_known_ids(case, known_ids, target)
            checks = [check for check in CHECKS if check is not negative_data_rejection]
        headers = {"X-Session-Token": tokens[role]} if tokens[role] else {}
        case.validate_response(case.call(base_url=ORIGIN, headers=headers, app=app), checks=checks)

    send()
