import pytest
from django.core.management import CommandError, call_command

from accounts import roles
from accounts.models import Role, User
from audit.models import Event

pytestmark = pytest.mark.django_db


def test_grant_is_idempotent_and_audited_once(sam: User, mo: User) -> None:
    assert roles.grant_role(sam, Role.MODERATOR, by=mo)
    assert not roles.grant_role(sam, Role.MODERATOR, by=mo)

    assert User.objects.get(pk=sam.pk).is_reviewer
    assert Event.objects.for_subject(sam).filter(verb="role.granted", actor=str(mo.pk)).count() == 1


def test_revoked_role_is_removed(sam: User, mo: User) -> None:
    roles.grant_role(sam, Role.MODERATOR, by=mo)

    assert roles.revoke_role(sam, Role.MODERATOR, by=mo)
    assert not roles.revoke_role(sam, Role.MODERATOR, by=mo)
    assert not User.objects.get(pk=sam.pk).is_reviewer


def test_grant_role_command_grants_a_role(sam: User) -> None:
    call_command("grant_role", sam.email.upper(), "operator")

    assert User.objects.get(pk=sam.pk).has_role(Role.OPERATOR)


def test_grant_role_command_fails_for_an_unknown_email_address() -> None:
    with pytest.raises(CommandError, match="No account with the address"):
        call_command("grant_role", "nobody@example.test", "operator")
