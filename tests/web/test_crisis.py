from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from tests.web.html_pages import parse_page
from web.crisis import CONTENT_SECURITY_POLICY, CRISIS_LINES, help_now_middleware, lines_by_country
from web.error_pages import ERROR_PAGES


def unavailable_application(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the crisis page passed its middleware")


@pytest.mark.parametrize("path", ["/help-now", "/help-now/"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_middleware_answers_without_calling_the_application(path: str, method: str) -> None:
    middleware = help_now_middleware(unavailable_application)
    response = middleware(getattr(RequestFactory(), method)(path))
    assert response.status_code == 200


def test_crisis_page_needs_no_database() -> None:
    # The test is not marked for the database, so any query would fail it.
    page = parse_page(Client().get("/help-now").content)
    assert "988" in page.text
    assert "116 123" in page.text
    assert "not a substitute for treatment" in page.text


def test_crisis_page_works_while_redis_is_down(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    assert Client().get("/help-now").status_code == 200


def test_crisis_page_is_publicly_cacheable_and_sets_security_headers() -> None:
    response = Client().get("/help-now")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in response
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response["X-Content-Type-Options"] == "nosniff"


def test_crisis_page_has_no_scripts() -> None:
    assert b"<script" not in Client().get("/help-now").content


def test_crisis_page_ignores_the_host_header() -> None:
    assert Client().get("/help-now", headers={"host": "somewhere.else"}).status_code == 200


@pytest.mark.parametrize("line", CRISIS_LINES, ids=lambda line: f"{line.country} {line.number}")
def test_helpline_numbers_are_dialable(line: object) -> None:
    assert line.dialled_number.isdigit()  # type: ignore[attr-defined]
    assert line.emergency.isdigit()  # type: ignore[attr-defined]


def test_helplines_are_sorted_by_country() -> None:
    countries = [str(line.country) for line in lines_by_country()]
    assert countries == sorted(countries)


@pytest.mark.django_db
def test_named_url_of_the_crisis_page_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    connection.ensure_connection()
    with django_assert_num_queries(0):
        assert Client().get("/help-now").status_code == 200


def test_written_pages_contain_help(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    call_command("write_static_pages", str(folder), verbosity=0, stdout=None)
    assert "988" in (folder / "help-now.html").read_text()
    for status in ERROR_PAGES:
        assert "/help-now" in (folder / f"{status}.html").read_text()
