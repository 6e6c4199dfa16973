// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { contentTypeOf, UploadApi } from "../../web/static/web/tell/upload_api.js";
import { FakeServer } from "./fake_server.mjs";

const realFetch = globalThis.fetch;
const server = new FakeServer();

beforeEach(() => {
    globalThis.fetch = server.fetch;
});

afterEach(() => {
    globalThis.fetch = realFetch;
});

test("a file of unknown type gets its content type from its extension", () => {
    assert.equal(contentTypeOf({ name: "a.MKV", size: 1, type: "" }), "video/x-matroska");
    assert.equal(contentTypeOf({ name: "a.mkv", size: 1, type: "video/webm" }), "video/webm");
    assert.equal(contentTypeOf({ name: "story", size: 1, type: "" }), "application/octet-stream");
});

test("a browser without crypto.subtle lists only uploads that do not check parts", async () => {
    server.addUpload({ verify_part_checksums: true });
    server.addUpload({ verify_part_checksums: false });
    const api = new UploadApi("/api/v1/uploads");
    assert.deepEqual(
        (await api.listResumableUploads()).map(({ id }) => id),
        ["u1", "u2"],
    );
    api.canComputeChecksums = false;
    assert.deepEqual(
        (await api.listResumableUploads()).map(({ id }) => id),
        ["u2"],
    );
});

test("checksums are sent only where there are some", async () => {
    const api = new UploadApi("/api/v1/uploads");
    const { id } = server.addUpload({});
    await api.presignParts(id, [1, 2]);
    await api.presignParts(id, [3], ["ab"]);
    const bodies = server.requestsTo("POST", /parts$/).map(({ body }) => body);
    assert.deepEqual(bodies, [{ part_numbers: [1, 2] }, { part_numbers: [3], sha256: ["ab"] }]);
});
