"""ETags for content that is the same for every user."""

import hashlib
from typing import Any

import orjson
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

ETAG_HEX_DIGITS = 32  # 128 bits


def conditional_response(request: Request, content: Any) -> HttpResponseBase:
    """Return the content with its ETag, or 304 if `If-None-Match` has this ETag already."""
    etag = quote_etag(hashlib.sha256(orjson.dumps(content)).hexdigest()[:ETAG_HEX_DIGITS])
    response = Response(content, headers={"ETag": etag, "Cache-Control": "no-cache"})
    return get_conditional_response(request, etag=etag, response=response) or response
