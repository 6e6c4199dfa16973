import pytest

from accounts import profiles
from accounts.models import Profile, User
from accounts.profiles import ProfileChange
from accounts.traits.catalogue import BadTrait

pytestmark = pytest.mark.django_db


def test_somebody_who_shared_nothing_has_an_empty_profile(ana: User) -> None:
    assert profiles.get_profile(ana).traits == {}
    assert not Profile.objects.exists()


def test_what_is_given_replaces_that_part_and_leaves_the_others(ana: User) -> None:
    profiles.update_profile(ana, ProfileChange(traits={"age": 34, "work_pattern": "nights"}, muted=["death"]))
    profiles.update_profile(ana, ProfileChange(traits={"age": 35}))

    kept = profiles.get_profile(ana)
    assert kept.traits == {"age": 35}
    assert kept.muted == ["death"]


def test_an_answer_can_be_taken_back(ana: User) -> None:
    profiles.update_profile(ana, ProfileChange(traits={"age": 34}))
    profiles.update_profile(ana, ProfileChange(traits={}))

    assert profiles.get_profile(ana).traits == {}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (ProfileChange(traits={"age": "old"}), "traits.age"),
        (ProfileChange(traits={"age": 7}), "traits.age"),
        (ProfileChange(traits={"star_sign": "leo"}), "traits.star_sign"),
        (ProfileChange(traits={"interests": ["music", "music"]}), "traits.interests"),
        (ProfileChange(matters={"age": 3}), "matters.age"),
        (ProfileChange(matters={"age": True}), "matters.age"),
        (ProfileChange(matters={"star_sign": 1}), "matters.star_sign"),
        (ProfileChange(muted=["spoilers"]), "muted"),
    ],
)
def test_a_wrong_answer_is_refused_by_name_and_nothing_is_kept(
    ana: User, wanted: ProfileChange, field: str
) -> None:
    with pytest.raises(BadTrait) as refused:
        profiles.update_profile(ana, wanted)

    assert refused.value.field == field
    assert refused.value.fix
    assert not Profile.objects.exists()
