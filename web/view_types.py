"""Types of views for decorators that keep a view's own parameters."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

ViewParams = ParamSpec("ViewParams")
PageView = Callable[Concatenate[HttpRequest, ViewParams], HttpResponseBase]
