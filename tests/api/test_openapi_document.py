from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its types are a package of their own
import pytest
from django.core.management import call_command

from tests.api.openapi_document import DOCUMENT, document, operations, read_operation


def test_the_openapi_document_is_up_to_date(tmp_path: Path) -> None:
    generated = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(generated))
    assert generated.read_text() == DOCUMENT.read_text(), "run: make docs"


def test_the_document_is_openapi_3_1() -> None:
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("name", operations)
def test_every_operation_has_valid_examples(name: str) -> None:
    operation = read_operation(name)
    assert operation["summary"]
    contents = [
        next(iter(response["content"].values()))
        for status, response in operation["responses"].items()
        if status.startswith("2") and "content" in response
    ]
    if "requestBody" in operation:
        contents.append(operation["requestBody"]["content"]["application/json"])
    elif operations[name][1] in {"put", "patch"}:
        pytest.fail("PUT or PATCH without a request body")
    for content in contents:
        assert content["examples"], name
        for example in content["examples"].values():
            assert_matches_schema(content["schema"], example["value"])


def assert_matches_schema(schema: dict[str, Any], value: object) -> None:
    """Raise ValidationError unless the value matches; references are resolved in the document."""
    full_schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document, **schema}
    jsonschema.Draft202012Validator(full_schema).validate(value)


@pytest.mark.parametrize("name", operations)
def test_every_operation_documents_its_problems(name: str) -> None:
    problems = {
        status: response for status, response in read_operation(name)["responses"].items() if status > "399"
    }
    assert "503" in problems
    for response in problems.values():
        shape = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        content = shape["content"]["application/problem+json"]
        (example,) = content["examples"].values()
        assert_matches_schema(content["schema"], example["value"])


def test_operations_that_must_not_be_repeated_accept_an_idempotency_key() -> None:
    keyed = {
        name
        for name in operations
        if any(
            parameter["name"] == "Idempotency-Key" for parameter in read_operation(name).get("parameters", [])
        )
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
