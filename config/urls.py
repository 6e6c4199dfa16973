from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django.views.i18n import JavaScriptCatalog

from api.views.health import HealthView

handler400 = "config.error_handlers.bad_request"
handler403 = "config.error_handlers.forbidden"
handler404 = "config.error_handlers.not_found"
handler429 = "config.error_handlers.too_many_requests"  # used by django-allauth
handler500 = "config.error_handlers.server_error"

# Browsers keep the messages and revalidate them by ETag, so a new language or release shows at once.
javascript_catalog = cache_control(no_cache=True, private=True)(conditional_page(JavaScriptCatalog.as_view()))

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("api.urls")),
    path("healthz", HealthView.as_view(), name="healthz"),
    path("jsi18n/", javascript_catalog, name="javascript-catalog"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("web.urls")),
]
