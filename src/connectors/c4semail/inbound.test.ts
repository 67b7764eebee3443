// Goal: whatever Event Notification sends, it is a reason to ask and nothing else. That each fixture gives its events is
// what the conformance kit looks at.

import assert from "node:assert/strict";
import test from "node:test";
import type { RawRequest, VerifiedRequest } from "../contract.ts";
import { ack, parse } from "./inbound.ts";

function read(body: string | Uint8Array) {
	const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
	const raw: RawRequest = { method: "POST", url: "", headers: new Headers(), body: bytes };
	const [event, ...others] = parse(raw as VerifiedRequest);
	assert.deepEqual(others, []);
	assert.ok(event?.kind === "activity" && event.wakesUpkeep);
	return event;
}

const id = "00163E03A0701EE28BE6D1A72CF7B7D6";

test("the ObjectID is the one that is named, else the first of its shape", () => {
	const bodies: readonly [string, string | undefined][] = [
		[`{"event-id":"${"A".repeat(32)}","data":{"root-entity-id" : "${id.toLowerCase()}"}}`, id],
		[`{"x":"${id}","y":"${"B".repeat(32)}"}`, id],
		[`<ObjectID>${id}</ObjectID>`, id],
		[`ObjectID=${id}&x=y`, id],
		[`{"x":"${id}0"}`, undefined],
		[`{"x":"0${id}"}`, undefined],
		["{}", undefined],
		["", undefined],
	];
	for (const [body, expected] of bodies) {
		const { remoteId, facts } = read(body);
		assert.equal(remoteId, expected, body);
		assert.deepEqual(facts, expected === undefined ? {} : { ObjectID: expected });
	}
});

test("the same bytes are the same event, others are another", () => {
	assert.equal(read(`{"x":"${id}"}`).dedupKey, read(`{"x":"${id}"}`).dedupKey);
	assert.notEqual(read(`{"x":"${id}"}`).dedupKey, read(`{"y":"${id}"}`).dedupKey);
});

test("bytes of any kind and size are borne, and answered with 200", () => {
	read(Uint8Array.of(0xff, 0xfe, 0x00, 0xc3));
	read("0".repeat(2_000_000));
	read(`"root-entity-id"${" ".repeat(2_000_000)}`);
	assert.deepEqual(ack(), { status: 200 });
});
