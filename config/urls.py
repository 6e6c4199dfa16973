from django.urls import URLPattern, URLResolver, include, path

from api.views.health import HealthView

handler400 = "config.error_handlers.bad_request"
handler403 = "config.error_handlers.forbidden"
handler404 = "config.error_handlers.not_found"
handler429 = "config.error_handlers.too_many_requests"  # used by django-allauth
handler500 = "config.error_handlers.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("api.urls")),
    path("healthz", HealthView.as_view(), name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("web.urls")),
]
