"""Give somebody a role, or take it back; each time on the record."""

from django.db import transaction

from accounts.models import Role, RoleGrant, User
from audit import trail


@transaction.atomic
def grant_role(person: User, role: Role, *, by: User | str) -> bool:
    """Give a role; False if the person has it already. `by` is an operator, or the name of a command."""
    giver = by if isinstance(by, User) else None
    _, new = RoleGrant.objects.get_or_create(person=person, role=role, defaults={"granted_by": giver})
    if new:
        trail.record_event("role.granted", person, by=by, details={"role": role.value})
    return new


@transaction.atomic
def revoke_role(person: User, role: Role, *, by: User | str) -> bool:
    """Take a role back; False if the person did not have it."""
    gone, _ = RoleGrant.objects.filter(person=person, role=role).delete()
    if gone:
        trail.record_event("role.revoked", person, by=by, details={"role": role.value})
    return bool(gone)
