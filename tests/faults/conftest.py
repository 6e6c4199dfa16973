"""One Sameboat for the whole run of faults, and bo, who tells stories in it."""

from collections.abc import Iterator

import pytest

from tests.installation import Installation, own_installation
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="module")
def sameboat() -> Iterator[Installation]:
    with own_installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def bo(sameboat: Installation) -> Visitor:
    bo = Visitor("bo", at=sameboat.address, read_letter=sameboat.read_letter)
    bo.sign_up()
    return bo
