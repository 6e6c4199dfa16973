import pytest
from rest_framework.test import APIClient

from accounts import consent_text_loading
from accounts.models import Profile
from accounts.traits.catalogue import TRAIT_CATALOGUE
from tests.people import NamedPeople


def test_a_new_profile_is_empty_and_has_no_email_address(as_ana: APIClient) -> None:
    data = as_ana.get("/api/v1/profile").json()
    assert data["handle"] == "Ana"
    assert (data["traits"], data["muted_content_notes"]) == ({}, [])
    assert "example.test" not in str(data)


def test_each_sent_field_replaces_the_stored_value(as_ana: APIClient) -> None:
    as_ana.put("/api/v1/profile", {"traits": {"age": 41}, "muted_content_notes": ["death"]}, format="json")
    data = as_ana.put("/api/v1/profile", {"traits": {"work_pattern": "nights"}}, format="json").json()
    assert data["traits"] == {"work_pattern": "nights"}
    assert data["muted_content_notes"] == ["death"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"traits": {"age": "old"}}, "traits.age"),
        ({"traits": {"shoe_size": 41}}, "traits.shoe_size"),
        ({"trait_weights": {"age": 3}}, "trait_weights.age"),
        ({"trait_weights": {"age": True}}, "trait_weights.age"),
        ({"muted_content_notes": ["spiders"]}, "muted_content_notes.0"),
        ({"captions_only": "yes"}, "captions_only"),
        ({"country": "Atlantis"}, "country"),
        ({"email": "x@example.test"}, "email"),
    ],
    ids=str,
)
def test_invalid_profile_fields_are_rejected(
    as_ana: APIClient, change: dict[str, object], field: str
) -> None:
    response = as_ana.put("/api/v1/profile", change, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Profile.objects.exists()


def test_profiles_are_separate(as_ana: APIClient, as_sam: APIClient) -> None:
    as_ana.put("/api/v1/profile", {"country": "IE"}, format="json")
    assert as_sam.get("/api/v1/profile").json()["country"] == ""


def test_the_trait_questions_are_public(as_nobody: APIClient) -> None:
    data = as_nobody.get("/api/v1/traits").json()["items"]
    assert [trait["key"] for trait in data] == [trait.key for trait in TRAIT_CATALOGUE]
    by_key = {trait["key"]: trait for trait in data}
    assert by_key["age"]["kind"] == "number"
    assert by_key["gender"]["identity"] is True
    assert {"key": "nights", "label": "nights"} in by_key["work_pattern"]["choices"]


def test_the_consent_text_is_public(as_nobody: APIClient, people: NamedPeople) -> None:
    version = consent_text_loading.load_consent_texts()
    data = as_nobody.get("/api/v1/consent-text").json()
    assert data["version"] == version
    assert {use["key"] for use in data["uses"]} == {"members", "research"}


def test_a_missing_consent_text_results_in_503(as_nobody: APIClient) -> None:
    assert as_nobody.get("/api/v1/consent-text").status_code == 503
