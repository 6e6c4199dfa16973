// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { TransferRate } from "../../web/static/web/tell/transfer_rate.js";

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: 0 }));
afterEach(() => mock.timers.reset());

test("the rate is unknown until the samples span one second", () => {
    const rate = new TransferRate();
    assert.equal(rate.sample(0), 0);
    mock.timers.tick(999);
    assert.equal(rate.sample(500), 0);
    mock.timers.tick(1);
    assert.equal(rate.sample(500), 500);
});

test("only the last ten seconds count", () => {
    const rate = new TransferRate();
    rate.sample(0);
    mock.timers.tick(9_000);
    rate.sample(9_000);
    mock.timers.tick(5_000);
    assert.equal(rate.sample(10_000), 200);
});

test("bytes that an aborted request takes back do not give a negative rate", () => {
    const rate = new TransferRate();
    rate.sample(1_000);
    mock.timers.tick(2_000);
    assert.equal(rate.sample(200), 0);
});

test("a reset forgets earlier samples", () => {
    const rate = new TransferRate();
    rate.sample(0);
    mock.timers.tick(2_000);
    rate.reset();
    assert.equal(rate.sample(4_000), 0);
});
