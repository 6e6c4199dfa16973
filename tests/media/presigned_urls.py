"""Addresses signed for browsers, used as a browser uses them."""

import urllib.error
import urllib.request


def put_bytes(address: str, content: bytes, **headers: str) -> int:
    """PUT as a browser does, and return the status."""
    request = urllib.request.Request(address, data=content, headers=headers, method="PUT")  # noqa: S310 - an address signed here
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
