import pytest
from django.db import IntegrityError, transaction

from accounts.models import ConsentGrant, ConsentUse, Role, RoleGrant, User

pytestmark = pytest.mark.django_db


def test_email_addresses_are_unique_regardless_of_case(ana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ANA@example.test", "another pass phrase")


def test_database_rejects_upper_case_in_email_addresses(ana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ana.pk).update(email="Ana@example.test")


def test_display_name_is_the_handle_and_never_the_email_address() -> None:
    assert User(email="ana@example.test").display_name == "Somebody"
    assert str(User(email="ana@example.test", handle="Ana")) == "Ana"


def test_only_reviewer_roles_make_a_reviewer(mo: User, sam: User) -> None:
    RoleGrant.objects.create(person=sam, role=Role.OPERATOR)

    assert mo.is_reviewer
    assert not sam.is_reviewer


def test_database_rejects_an_unknown_role(sam: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(person=sam, role="emperor")


def test_consent_covers_only_its_uses() -> None:
    grant = ConsentGrant(uses=[ConsentUse.MEMBERS])

    assert grant.covers([ConsentUse.MEMBERS])
    assert not grant.covers([ConsentUse.MEMBERS, ConsentUse.RESEARCH])
