import numpy as np
import pytest

from matching.engines.shuffle import (
    BLOCK,
    CAN_SHUFFLE,
    add_plainly,
    add_planes,
    fill,
    fill_plainly,
    within,
    within_plainly,
)


@pytest.mark.skipif(not CAN_SHUFFLE, reason="this processor has no AVX2, so there is only one way")
def test_one_instruction_does_what_the_plain_loop_does() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        count = int(rng.integers(1, 6))
        packed = rng.integers(256, size=3 * count * BLOCK, dtype=np.uint8)
        steps = rng.integers(rng.choice([5, 40, 256]), size=count * 32).astype(np.uint8)
        planes = np.flatnonzero(rng.random(count) < 0.7)
        span = tuple(sorted(rng.integers(len(planes) + 1, size=2).tolist()))
        at, start = int(rng.integers(3)) * count * BLOCK, np.uint8(rng.integers(20))
        shuffled, plain = np.empty(BLOCK, dtype=np.uint8), np.empty(BLOCK, dtype=np.uint8)
        fill(shuffled, start)
        fill_plainly(plain, start)
        add_planes(packed, at, steps, planes, span, shuffled)
        add_plainly(packed, at, steps, planes, span, plain)
        assert (shuffled == plain).all()
        for limit in (0, int(plain[3]), 254, 255):
            bits = within(shuffled, np.uint8(limit))
            assert bits == within_plainly(plain, np.uint8(limit))
            assert [bool(bits >> lane & 1) for lane in range(BLOCK)] == (plain <= limit).tolist()


@pytest.mark.parametrize("add", [add_planes, add_plainly])
def test_sums_stop_at_255(add: object) -> None:
    assert callable(add)
    steps, packed = np.full(64, 200, dtype=np.uint8), np.zeros(2 * BLOCK, dtype=np.uint8)
    sums = np.zeros(BLOCK, dtype=np.uint8)
    add(packed, 0, steps, np.arange(2), (0, 2), sums)
    assert sums.tolist() == [255] * BLOCK
