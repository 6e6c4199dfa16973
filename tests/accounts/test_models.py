import pytest
from django.db import IntegrityError, transaction

from accounts.models import ConsentGrant, ConsentUse, Role, RoleGrant, User

pytestmark = pytest.mark.django_db


def test_one_address_is_one_person_whatever_its_capitals(ana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ANA@example.test", "another pass phrase")


def test_the_database_keeps_addresses_in_small_letters(ana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ana.pk).update(email="Ana@example.test")


def test_others_see_a_handle_and_never_the_address() -> None:
    assert User(email="ana@example.test").display_name == "Somebody"
    assert str(User(email="ana@example.test", handle="Ana")) == "Ana"


def test_only_reviewing_roles_review(mo: User, sam: User) -> None:
    RoleGrant.objects.create(person=sam, role=Role.OPERATOR)

    assert mo.is_reviewer
    assert not sam.is_reviewer


def test_a_role_nobody_defined_cannot_be_granted(sam: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(person=sam, role="emperor")


def test_consent_covers_what_it_names_until_it_is_withdrawn() -> None:
    grant = ConsentGrant(uses=[ConsentUse.MEMBERS])

    assert grant.covers([ConsentUse.MEMBERS])
    assert not grant.covers([ConsentUse.MEMBERS, ConsentUse.RESEARCH])
