// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { claimStatus } from "../../web/static/web/review/claim_status.js";

test("a claim is described in minutes until less than one is left", () => {
    assert.equal(claimStatus(600), "This story is reserved for you for 10 more minutes.");
    assert.equal(claimStatus(89), "This story is reserved for you for 1 more minute.");
    assert.equal(claimStatus(60), "This story is reserved for you for 1 more minute.");
    assert.equal(claimStatus(59), "This story is reserved for you for less than a minute.");
    assert.match(claimStatus(0), /^This story is no longer reserved for you\./);
});
