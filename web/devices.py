"""Which pages may ask for camera and microphone: none, but the one on which somebody records."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "Permissions-Policy"
NEVER = ("geolocation=()", "display-capture=()", "payment=()", "usb=()", "serial=()", "hid=()", "midi=()")
NO_RECORDING = ", ".join(["camera=()", "microphone=()", *NEVER])
RECORDING = ", ".join(["camera=(self)", "microphone=(self)", *NEVER])

Rest = ParamSpec("Rest")
Page = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def devices_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Forbid every page the devices that it did not ask for itself."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault(HEADER, NO_RECORDING)
        return response

    return middleware


def recording(page: Page[Rest]) -> Page[Rest]:
    """Let a page ask for camera and microphone; the browser still asks the person."""

    @wraps(page)
    def allowed(request: HttpRequest, /, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        response = page(request, *rest, **named)
        response.headers[HEADER] = RECORDING
        return response

    return allowed
