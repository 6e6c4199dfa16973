from collections.abc import Iterator

import pytest

from tests.installation import Installation, temporary_installation
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="module")
def sameboat() -> Iterator[Installation]:
    with temporary_installation() as installation:
        yield installation


@pytest.fixture(scope="module")
def bo(sameboat: Installation) -> Visitor:
    bo = Visitor("bo", origin=sameboat.address, read_emailed_code=sameboat.read_emailed_code)
    bo.sign_up()
    return bo
