import hashlib

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit import trail
from audit.models import Event
from stories.models import Story

pytestmark = pytest.mark.django_db


def test_an_event_records_actor_verb_subject_and_details(ana: User, bo: User) -> None:
    event = trail.record_event("story.published", bo, by=ana, details={"version": 3})

    stored = Event.objects.for_subject(bo).get()
    assert (stored.actor, stored.verb, stored.details) == (str(ana.pk), "story.published", {"version": 3})
    assert stored.digest == event.digest


def test_each_event_stores_the_digest_of_the_previous_one(ana: User) -> None:
    first = trail.record_event("one", ana, by=ana)
    second = trail.record_event("two", ana, by="machine")

    assert second.previous == first.digest
    assert list(trail.find_chain_breaks()) == []


def test_the_database_rejects_updates_and_deletes(ana: User) -> None:
    event = trail.record_event("one", ana, by=ana)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(verb="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()


def test_verification_detects_a_modified_event(ana: User) -> None:
    trail.record_event("one", ana, by=ana)
    changed = trail.record_event("two", ana, by=ana)
    trail.record_event("three", ana, by=ana)

    with connection.cursor() as cursor:
        cursor.execute("alter table audit_event disable trigger events_are_append_only")
        cursor.execute("update audit_event set actor = 'nobody' where id = %s", [changed.pk])
        cursor.execute("alter table audit_event enable trigger events_are_append_only")

    assert list(trail.find_chain_breaks()) == [trail.ChainBreak(changed.pk, "this event was modified")]


def test_verification_detects_a_deleted_event(ana: User) -> None:
    trail.record_event("one", ana, by=ana)
    removed = trail.record_event("two", ana, by=ana)
    after = trail.record_event("three", ana, by=ana)

    with connection.cursor() as cursor:
        cursor.execute("alter table audit_event disable trigger events_are_append_only")
        cursor.execute("delete from audit_event where id = %s", [removed.pk])
        cursor.execute("alter table audit_event enable trigger events_are_append_only")

    expected = trail.ChainBreak(after.pk, "the preceding event is missing or out of order")
    assert list(trail.find_chain_breaks()) == [expected]


def test_rollback_discards_the_event(ana: User) -> None:
    class RollbackError(Exception):
        pass

    with pytest.raises(RollbackError), transaction.atomic():
        trail.record_event("one", ana, by=ana)
        raise RollbackError

    assert not Event.objects.for_subject(ana).exists()


def test_verify_audit_command_reports_an_intact_trail(ana: User, capsys: pytest.CaptureFixture[str]) -> None:
    trail.record_event("one", ana, by=ana)

    call_command("verify_audit")

    assert "1 events verified" in capsys.readouterr().out


def test_the_digest_is_sha256_of_the_fields_as_compact_json_with_sorted_keys() -> None:
    event = Event(
        previous="before",
        actor="7",
        verb="story.published",
        subject_type="stories.story",
        subject_id="9",
        details={"version": 3, "old": "in_review"},
    )
    # Written out, because events that are already stored must stay verifiable.
    fields = '["before","7","story.published","stories.story","9",{"old":"in_review","version":3}]'

    assert trail.event_digest(event) == hashlib.sha256(fields.encode()).hexdigest()


def test_the_events_of_a_subject_exclude_other_ids_and_other_types_with_the_same_id(
    ana: User, bo: User
) -> None:
    event = trail.record_event("one", ana, by=ana)
    trail.record_event("two", Story(pk=ana.pk), by=ana)
    trail.record_event("three", bo, by=ana)

    assert list(Event.objects.for_subject(ana)) == [event]


def test_an_event_reads_as_verb_subject_and_actor(ana: User, bo: User) -> None:
    event = trail.record_event("account.erased", bo, by=ana)

    assert str(event) == f"account.erased accounts.user {bo.pk} by {ana.pk}"


def test_recording_an_event_locks_the_chain_until_the_transaction_ends(ana: User) -> None:
    trail.record_event("one", ana, by=ana)

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (1,)
