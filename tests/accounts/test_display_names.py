import pytest

from accounts import display_names
from accounts.display_names import BadDisplayName
from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "shown"), [("  Ana  Maria ", "Ana Maria"), ("Zoë", "Zoë"), ("", "Somebody"), ("Ana 2", "Ana 2")]
)
def test_a_name_is_kept_as_it_will_be_shown(ana: User, typed: str, shown: str) -> None:
    display_names.set_display_name(ana, typed)

    assert User.objects.get(pk=ana.pk).display_name == shown


@pytest.mark.parametrize(
    "typed", ["x" * 41, "ana@example.test", "www.ana.example", "https://ana", "07700 900123", "An\u202ea"]
)
def test_a_name_by_which_one_could_be_reached_or_that_deceives_is_refused(ana: User, typed: str) -> None:
    with pytest.raises(BadDisplayName) as refused:
        display_names.set_display_name(ana, typed)

    assert refused.value.field == "handle"
    assert User.objects.get(pk=ana.pk).handle == "Ana"
