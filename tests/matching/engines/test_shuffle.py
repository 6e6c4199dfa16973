import numpy as np
import pytest

from matching.engines.shuffle import BLOCK, CAN_SHUFFLE, add_plainly, add_steps, within, within_plainly


@pytest.mark.skipif(not CAN_SHUFFLE, reason="this processor has no AVX2, so there is only one way")
def test_the_one_instruction_does_what_the_plain_loop_does() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        packed = rng.integers(256, size=3 * BLOCK, dtype=np.uint8)
        steps = rng.integers(rng.choice([5, 40, 256]), size=4 * 32).astype(np.uint8)
        shuffled, plain = np.zeros(BLOCK, dtype=np.uint8), np.zeros(BLOCK, dtype=np.uint8)
        for plane in range(4):
            at = int(rng.integers(2 * BLOCK))
            add_steps(packed, at, steps, plane, shuffled, 0)
            add_plainly(packed, at, steps, plane, plain, 0)
        assert (shuffled == plain).all()
        for limit in (0, int(plain[3]), 254, 255):
            bits = within(shuffled, np.uint8(limit))
            assert bits == within_plainly(plain, np.uint8(limit))
            assert [bool(bits >> lane & 1) for lane in range(BLOCK)] == (plain <= limit).tolist()


def test_sums_stop_at_255() -> None:
    steps = np.full(32, 200, dtype=np.uint8)
    sums = np.zeros(BLOCK, dtype=np.uint8)
    add_steps(np.zeros(BLOCK, dtype=np.uint8), 0, steps, 0, sums, 0)
    assert sums.tolist() == [255] * BLOCK
