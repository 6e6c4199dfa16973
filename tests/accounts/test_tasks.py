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


def test_sessions_that_expired_are_forgotten_and_the_others_are_not() -> None:
    expired, standing = create_session(), create_session()
    Session.objects.filter(pk=expired).update(expire_date=timezone.now() - timedelta(seconds=1))

    clear_expired_sessions_task()

    assert list(Session.objects.values_list("pk", flat=True)) == [standing]
