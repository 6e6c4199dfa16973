"""Permissions-Policy header: only the recorder may ask for camera and microphone."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from web.view_types import PageView, ViewParams

HEADER = "Permissions-Policy"
ALWAYS_DENIED = (
    "geolocation=()",
    "display-capture=()",
    "payment=()",
    "usb=()",
    "serial=()",
    "hid=()",
    "midi=()",
)
RECORDING_DENIED = ", ".join(["camera=()", "microphone=()", *ALWAYS_DENIED])
RECORDING_ALLOWED = ", ".join(["camera=(self)", "microphone=(self)", *ALWAYS_DENIED])


def permissions_policy_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault(HEADER, RECORDING_DENIED)
        return response

    return middleware


def allow_recording(view: PageView[ViewParams]) -> PageView[ViewParams]:
    """Let a page ask for camera and microphone; the browser still asks the user."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: ViewParams.args, **kwargs: ViewParams.kwargs
    ) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers[HEADER] = RECORDING_ALLOWED
        return response

    return wrapper
