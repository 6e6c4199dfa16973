"""What one shares about oneself is one's own."""

import pytest
from rest_framework.test import APIClient

from accounts import consent_texts
from accounts.models import Profile
from accounts.traits.catalogue import TRAIT_CATALOGUE
from tests.people import NamedPeople


def test_a_profile_begins_empty_and_names_no_address(as_ana: APIClient) -> None:
    told = as_ana.get("/api/v1/profile").json()
    assert told["handle"] == "Ana"
    assert (told["traits"], told["muted_content_notes"]) == ({}, [])
    assert "example.test" not in str(told)


def test_each_part_that_is_given_replaces_the_whole_part(as_ana: APIClient) -> None:
    as_ana.put("/api/v1/profile", {"traits": {"age": 41}, "muted_content_notes": ["death"]}, format="json")
    told = as_ana.put("/api/v1/profile", {"traits": {"work_pattern": "nights"}}, format="json").json()
    assert told["traits"] == {"work_pattern": "nights"}
    assert told["muted_content_notes"] == ["death"]


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
def test_what_the_catalogue_does_not_know_is_refused(
    as_ana: APIClient, change: dict[str, object], field: str
) -> None:
    answer = as_ana.put("/api/v1/profile", change, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Profile.objects.exists()


def test_profiles_are_apart(as_ana: APIClient, as_sam: APIClient) -> None:
    as_ana.put("/api/v1/profile", {"country": "IE"}, format="json")
    assert as_sam.get("/api/v1/profile").json()["country"] == ""


def test_everybody_may_read_what_would_be_asked(as_nobody: APIClient) -> None:
    told = as_nobody.get("/api/v1/traits").json()["items"]
    assert [trait["key"] for trait in told] == [trait.key for trait in TRAIT_CATALOGUE]
    by_key = {trait["key"]: trait for trait in told}
    assert by_key["age"]["kind"] == "number"
    assert by_key["gender"]["identity"] is True
    assert {"key": "nights", "label": "nights"} in by_key["work_pattern"]["choices"]


def test_everybody_may_read_what_tellers_agree_to(as_nobody: APIClient, people: NamedPeople) -> None:
    version = consent_texts.load_consent_texts()
    told = as_nobody.get("/api/v1/consent-text").json()
    assert told["version"] == version
    assert {use["key"] for use in told["uses"]} == {"members", "research"}


def test_as_long_as_no_text_is_loaded_one_is_asked_to_come_back(as_nobody: APIClient) -> None:
    assert as_nobody.get("/api/v1/consent-text").status_code == 503
