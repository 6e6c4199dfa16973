import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit import trail
from audit.models import Event

pytestmark = pytest.mark.django_db


def test_an_event_says_who_did_what_to_what(ana: User, bo: User) -> None:
    event = trail.record_event("story.published", bo, by=ana, details={"version": 3})

    kept = Event.objects.for_subject(bo).get()
    assert (kept.actor, kept.verb, kept.details) == (str(ana.pk), "story.published", {"version": 3})
    assert kept.digest == event.digest


def test_each_event_is_sealed_with_the_one_before_it(ana: User) -> None:
    first = trail.record_event("one", ana, by=ana)
    second = trail.record_event("two", ana, by="machine")

    assert second.previous == first.digest
    assert list(trail.find_chain_breaks()) == []


def test_the_database_refuses_to_change_or_delete_an_event(ana: User) -> None:
    event = trail.record_event("one", ana, by=ana)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(verb="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()


def test_a_change_behind_the_products_back_is_found(ana: User) -> None:
    trail.record_event("one", ana, by=ana)
    changed = trail.record_event("two", ana, by=ana)
    trail.record_event("three", ana, by=ana)

    with connection.cursor() as cursor:
        cursor.execute("alter table audit_event disable trigger events_are_append_only")
        cursor.execute("update audit_event set actor = 'nobody' where id = %s", [changed.pk])
        cursor.execute("alter table audit_event enable trigger events_are_append_only")

    assert [found.event_id for found in trail.find_chain_breaks()] == [changed.pk]


def test_a_missing_event_is_found(ana: User) -> None:
    trail.record_event("one", ana, by=ana)
    removed = trail.record_event("two", ana, by=ana)
    after = trail.record_event("three", ana, by=ana)

    with connection.cursor() as cursor:
        cursor.execute("alter table audit_event disable trigger events_are_append_only")
        cursor.execute("delete from audit_event where id = %s", [removed.pk])
        cursor.execute("alter table audit_event enable trigger events_are_append_only")

    assert [found.event_id for found in trail.find_chain_breaks()] == [after.pk]


def test_an_event_vanishes_with_the_transaction_that_wrote_it(ana: User) -> None:
    class ChangedTheirMindError(Exception):
        pass

    with pytest.raises(ChangedTheirMindError), transaction.atomic():
        trail.record_event("one", ana, by=ana)
        raise ChangedTheirMindError

    assert not Event.objects.for_subject(ana).exists()


def test_the_operator_can_have_the_trail_verified(ana: User, capsys: pytest.CaptureFixture[str]) -> None:
    trail.record_event("one", ana, by=ana)

    call_command("verify_audit")

    assert "1 events hold" in capsys.readouterr().out
