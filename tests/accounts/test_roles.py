import pytest
from django.core.management import CommandError, call_command

from accounts import roles
from accounts.models import Role, User
from audit.models import Event

pytestmark = pytest.mark.django_db


def test_a_role_is_given_once_and_on_the_record(sam: User, mo: User) -> None:
    assert roles.grant_role(sam, Role.MODERATOR, by=mo)
    assert not roles.grant_role(sam, Role.MODERATOR, by=mo)

    assert User.objects.get(pk=sam.pk).is_reviewer
    assert Event.objects.for_subject(sam).filter(verb="role.granted", actor=str(mo.pk)).count() == 1


def test_a_role_that_is_taken_back_is_gone(sam: User, mo: User) -> None:
    roles.grant_role(sam, Role.MODERATOR, by=mo)

    assert roles.revoke_role(sam, Role.MODERATOR, by=mo)
    assert not roles.revoke_role(sam, Role.MODERATOR, by=mo)
    assert not User.objects.get(pk=sam.pk).is_reviewer


def test_the_first_operator_is_made_by_a_command(sam: User) -> None:
    call_command("grant_role", sam.email.upper(), "operator")

    assert User.objects.get(pk=sam.pk).has_role(Role.OPERATOR)


def test_the_command_says_when_nobody_is_called_that() -> None:
    with pytest.raises(CommandError, match="No account with the address"):
        call_command("grant_role", "nobody@example.test", "operator")
