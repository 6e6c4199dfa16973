"""Content Security Policy hashes of the style sheets that media-chrome writes into its shadow trees.

Hashes allow these style sheets only, so injected styles stay forbidden. A browser test compares the list with the
installed version and prints the missing hashes after an upgrade.
"""

from typing import Any, cast

from csp.decorators import csp_update

from web.view_types import PageView, ViewParams

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
# Any: the decorator's own type loses a view's parameters.
PLAYER_CSP_DECORATOR: Any = csp_update({"style-src": [f"'{style}'" for style in PLAYER_STYLE_HASHES]})


def allow_player_styles(view: PageView[ViewParams]) -> PageView[ViewParams]:
    return cast("PageView[ViewParams]", PLAYER_CSP_DECORATOR(view))
