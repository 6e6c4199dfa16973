// @ts-check
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { backoffDelayMs, sleep } from "../../web/static/web/tell/retry.js";

test("the back-off doubles from one second to at most thirty", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffDelayMs(attempt, () => 1));
    assert.deepEqual(longest, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("jitter takes away at most half of the delay", () => {
    assert.equal(
        backoffDelayMs(3, () => 0),
        2_000,
    );
    assert.equal(
        backoffDelayMs(3, () => 0.5),
        3_000,
    );
});

test("an aborted sleep ends at once and leaves no timer", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const abort = new AbortController();
    const sleeping = sleep(60_000, abort.signal);
    abort.abort();
    await sleeping;
    await sleep(60_000, abort.signal);
    mock.timers.reset();
});
