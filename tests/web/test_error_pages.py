import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from config import urls as real
from media.storage import StoreUnreachable
from tests.web.html_pages import parse_page
from web.error_pages import ERROR_PAGES, render_error_page, too_many_requests

ERRORS_BY_NAME = {
    "bad": SuspiciousOperation("odd"),
    "forbidden": PermissionDenied(),
    "missing": Http404(),
    "broken": ZeroDivisionError(),
    "database": OperationalError("the server closed the connection"),
    "bucket": StoreUnreachable("the bucket"),
}


def raise_error(request: HttpRequest, how: str) -> HttpResponse:
    raise ERRORS_BY_NAME[how]


def access_redis(request: HttpRequest) -> HttpResponse:
    return HttpResponse(cache.get("anything"))


def csrf_protected_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


handler400, handler403 = real.handler400, real.handler403
handler404, handler500 = real.handler404, real.handler500
urlpatterns = [
    path("fail/<str:how>", raise_error),
    path("redis", access_redis),
    path("form", csrf_protected_view),
]


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize(
    ("how", "status"),
    [("bad", 400), ("forbidden", 403), ("missing", 404), ("broken", 500), ("database", 503), ("bucket", 503)],
)
def test_errors_render_a_page_with_the_crisis_block(client: Client, how: str, status: int) -> None:
    response = client.get(f"/fail/{how}")
    assert response.status_code == status
    page = parse_page(response.content)
    assert page.headings == [str(ERROR_PAGES[status].title)]
    assert "crisis-title" in page.ids
    assert "/help-now" in page.addresses
    assert response["Cache-Control"] == "no-store"


def test_only_unavailable_services_set_retry_after(client: Client) -> None:
    assert client.get("/fail/database")["Retry-After"] == "30"
    assert "Retry-After" not in client.get("/fail/broken")


def test_redis_failure_answers_503(client: Client, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    assert client.get("/redis").status_code == 503


def test_csrf_failure_renders_a_page_with_the_crisis_block(client: Client) -> None:
    response = client.post("/form")
    assert response.status_code == 403
    page = parse_page(response.content)
    assert page.headings == ["This form has expired"]
    assert "crisis-title" in page.ids


def test_too_many_requests_renders_a_page_with_the_crisis_block() -> None:
    response = too_many_requests(HttpRequest())
    assert response.status_code == 429
    assert "crisis-title" in parse_page(response.content).ids


@pytest.mark.parametrize("status", ERROR_PAGES)
def test_error_pages_need_no_database_and_no_request(status: int) -> None:
    # Without database and request; anything that needs one would fail here.
    page = render_error_page(ERROR_PAGES[status])
    assert str(ERROR_PAGES[status].title) in page
