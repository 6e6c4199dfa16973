from typing import Any

from csp.constants import NONE, SELF


def content_security_policy(media_origin: str) -> dict[str, Any]:
    """Settings for django-csp; `media_origin` is the object store as browsers reach it."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:", media_origin],
            "font-src": [SELF],
            "connect-src": [SELF, media_origin],
            "media-src": [SELF, "blob:", media_origin],
            "worker-src": [SELF, "blob:"],
            "manifest-src": [SELF],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
            "base-uri": [NONE],
            "object-src": [NONE],
        },
    }
