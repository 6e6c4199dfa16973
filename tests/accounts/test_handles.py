import pytest

from accounts import handles
from accounts.handles import BadHandle
from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "shown"), [("  Ana  Maria ", "Ana Maria"), ("Zoë", "Zoë"), ("", "Somebody"), ("Ana 2", "Ana 2")]
)
def test_a_name_is_kept_as_it_will_be_shown(ana: User, typed: str, shown: str) -> None:
    handles.choose(ana, typed)

    assert User.objects.get(pk=ana.pk).shown_name == shown


@pytest.mark.parametrize(
    "typed", ["x" * 41, "ana@example.test", "www.ana.example", "https://ana", "07700 900123", "An\u202ea"]
)
def test_a_name_by_which_one_could_be_reached_or_that_deceives_is_refused(ana: User, typed: str) -> None:
    with pytest.raises(BadHandle) as refused:
        handles.choose(ana, typed)

    assert refused.value.field == "handle"
    assert User.objects.get(pk=ana.pk).handle == "Ana"
