import pytest

from accounts import display_names
from accounts.display_names import InvalidDisplayName
from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "shown"), [("  Ana  Maria ", "Ana Maria"), ("Zoë", "Zoë"), ("", "Somebody"), ("Ana 2", "Ana 2")]
)
def test_display_name_is_normalised(ana: User, typed: str, shown: str) -> None:
    display_names.set_display_name(ana, typed)

    assert User.objects.get(pk=ana.pk).display_name == shown


@pytest.mark.parametrize(
    "typed", ["x" * 41, "ana@example.test", "www.ana.example", "https://ana", "07700 900123", "An\u202ea"]
)
def test_contact_details_and_invisible_characters_are_refused(ana: User, typed: str) -> None:
    with pytest.raises(InvalidDisplayName) as refusal:
        display_names.set_display_name(ana, typed)

    assert refusal.value.field == "handle"
    assert User.objects.get(pk=ana.pk).handle == "Ana"
