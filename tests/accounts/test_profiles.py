import pytest

from accounts import profiles
from accounts.models import Profile, User
from accounts.profiles import ProfileChange
from accounts.traits.catalogue import InvalidTrait

pytestmark = pytest.mark.django_db


def test_person_without_a_profile_gets_an_empty_unsaved_one(ana: User) -> None:
    assert profiles.get_profile(ana).traits == {}
    assert not Profile.objects.exists()


def test_update_replaces_the_given_parts_only(ana: User) -> None:
    profiles.update_profile(ana, ProfileChange(traits={"age": 34, "work_pattern": "nights"}, muted=["death"]))
    profiles.update_profile(ana, ProfileChange(traits={"age": 35}))

    profile = profiles.get_profile(ana)
    assert profile.traits == {"age": 35}
    assert profile.muted == ["death"]


def test_answers_can_be_removed(ana: User) -> None:
    profiles.update_profile(ana, ProfileChange(traits={"age": 34}))
    profiles.update_profile(ana, ProfileChange(traits={}))

    assert profiles.get_profile(ana).traits == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (ProfileChange(traits={"age": "old"}), "traits.age"),
        (ProfileChange(traits={"age": 7}), "traits.age"),
        (ProfileChange(traits={"star_sign": "leo"}), "traits.star_sign"),
        (ProfileChange(traits={"interests": ["music", "music"]}), "traits.interests"),
        (ProfileChange(matters={"age": 3}), "trait_weights.age"),
        (ProfileChange(matters={"age": True}), "trait_weights.age"),
        (ProfileChange(matters={"star_sign": 1}), "trait_weights.star_sign"),
        (ProfileChange(muted=["spoilers"]), "muted_content_notes"),
    ],
)
def test_invalid_value_is_refused_with_its_field_and_nothing_is_saved(
    ana: User, changes: ProfileChange, field: str
) -> None:
    with pytest.raises(InvalidTrait) as refusal:
        profiles.update_profile(ana, changes)

    assert refusal.value.field == field
    assert refusal.value.fix
    assert not Profile.objects.exists()
