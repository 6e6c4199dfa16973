"""The style sheets that the player's controls bring along, by their hashes: these and no others may stand in a page.

media-chrome writes them into its own shadow trees, where the rules of the browser hold as anywhere else. Allowing each by its
content leaves everything that somebody might smuggle in as forbidden as before. A browser test compares this list with what
is really there; after a new version of the package it says what belongs here.
"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from csp.decorators import csp_update
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PLAYER_STYLE_HASHES = (
    "sha256-MV44r6ksBw+mCcZujzocHAOffIPu/joVS2FNHESx3Ho=",  # media-captions-button
    "sha256-sAS/YwJd8QhcsuwF6ji1l+uwVdgQ8O/zcjWaGi0VXSw=",  # media-control-bar
    "sha256-+XYYAhYtiUsaw0+wUtfcBE3yMARPO4zdUhZGkDgDohM=",  # media-controller
    "sha256-l0oXN8ELODFEFGnJztGBqT5qrnYVXGDHmO9UVWjtMXA=",  # media-fullscreen-button
    "sha256-LLrbL3VRTSpcR7f/VRuhdwB3hQdbFqJkzjoEZmHBXIw=",  # media-fullscreen-button
    "sha256-ad5pLE4ykOnAn8/VmRayKdKPhP3pvqoX4MGy3EktnBg=",  # media-gesture-receiver
    "sha256-3mr12lsHkByBAuT5HIjiVaMHjH42rxTHchQEttT3yhE=",  # media-mute-button
    "sha256-W9200sCekROkcax0iJ77FC7fL1XmtkKZFU4jWBgOGi0=",  # media-play-button
    "sha256-m+frfzRQalnJwRN07WZLWSWd4eM4WsynbWp5qQi8Or0=",  # media-preview-thumbnail
    "sha256-ybkwgORVaNpgfHWjB4yaZjEyg46ZMdeyLM32opbKlpo=",  # media-seek-forward-button
    "sha256-C7t4uFhGErrgCiy7sp4fN8QAsq2Xafh4lWfnefi0l/E=",  # media-time-display
    "sha256-1Jc+kPhfOh4UvXYTCgDHEAV3Caafvsf5jeNdPbSiQ8o=",  # media-time-range
    "sha256-icRYLLVSVG1RE2ze2JPpc2di/XuMtAkqJdem5GFjU5M=",  # media-time-range
    "sha256-VJnVbqNRyX0jCFZEJ4ltrffJx26lCuyVbNYdioxBwzQ=",  # media-tooltip
)
PLAYER_CSP_DECORATOR: Any = csp_update(
    {"style-src": [f"'{style}'" for style in PLAYER_STYLE_HASHES]}
)  # its own type knows no arguments of pages

ViewParams = ParamSpec("ViewParams")
PageView = Callable[Concatenate[HttpRequest, ViewParams], HttpResponseBase]


def allow_player_styles(page: PageView[ViewParams]) -> PageView[ViewParams]:
    """Let a page carry the player's style sheets."""
    return cast("PageView[ViewParams]", PLAYER_CSP_DECORATOR(page))
