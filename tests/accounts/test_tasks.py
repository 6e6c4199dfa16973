from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import clear_expired_sessions_task

pytestmark = pytest.mark.django_db


def create_session() -> str:
    store = SessionStore()
    store["visited"] = True
    store.save()
    return str(store.session_key)


def test_only_expired_sessions_are_deleted() -> None:
    expired, active = create_session(), create_session()
    Session.objects.filter(pk=expired).update(expire_date=timezone.now() - timedelta(seconds=1))

    clear_expired_sessions_task()

    assert list(Session.objects.values_list("pk", flat=True)) == [active]
