"""Grants and revokes roles; each change is recorded in the audit trail."""

from django.db import transaction

from accounts.models import Role, RoleGrant, User
from audit import trail


@transaction.atomic
def grant_role(person: User, role: Role, *, by: User | str) -> bool:
    """Return False if the person already has the role. `by` is an operator or the name of a command."""
    granter = by if isinstance(by, User) else None
    _, created = RoleGrant.objects.get_or_create(person=person, role=role, defaults={"granted_by": granter})
    if created:
        trail.record_event("role.granted", person, by=by, details={"role": role.value})
    return created


@transaction.atomic
def revoke_role(person: User, role: Role, *, by: User | str) -> bool:
    """Return False if the person does not have the role."""
    deleted_count, _ = RoleGrant.objects.filter(person=person, role=role).delete()
    if deleted_count:
        trail.record_event("role.revoked", person, by=by, details={"role": role.value})
    return bool(deleted_count)
