"""Where each address leads."""

from django.urls import URLPattern, URLResolver, include, path

from api.views.health import Whole

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler429 = "config.refusals.too_many"  # asked for by django-allauth
handler500 = "config.refusals.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("api.urls")),
    path("healthz", Whole.as_view(), name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("web.urls")),
]
