// Goal: a callback to an address that we made is known by its address alone, and only that one.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId } from "#domain/ids.ts";
import type { RawRequest } from "../contract.ts";
import { attemptInAddress, isOwnAddress, ownAddress } from "./own-address.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const webhookUrl = "https://parley.example/sms/x/1";

function callTo(url: string): RawRequest {
	return { method: "GET", url, headers: new Headers(), body: new Uint8Array() };
}

test("the address proves its attempt under either secret of a rotation, whatever is added to it", () => {
	const address = ownAddress({ webhookUrl, attemptId }, "old");
	assert.equal(attemptInAddress(callTo(address)), attemptId);
	assert.ok(isOwnAddress(callTo(address), ["new", "old"]));
	assert.ok(isOwnAddress(callTo(`${address}&status=1`), ["old"]));
	assert.ok(isOwnAddress(callTo(ownAddress({ webhookUrl: `${webhookUrl}?tenant=a`, attemptId }, "old")), ["old"]));
});

test("another attempt, another secret, none, or anything twice proves nothing", () => {
	const address = ownAddress({ webhookUrl, attemptId }, "secret");
	const other = attemptId.replace("F7", "F8");
	const wrong = [
		address.replace(attemptId, other),
		`${address}&attempt=${attemptId}`,
		`${address}&proof=${"0".repeat(64)}`,
		address.toUpperCase(),
		address.slice(0, -1),
		ownAddress({ webhookUrl, attemptId }, undefined),
		ownAddress({ webhookUrl, attemptId }, ""),
		webhookUrl,
	];
	for (const url of wrong) {
		assert.equal(isOwnAddress(callTo(url), ["secret", ""]), false, url);
	}
	assert.equal(isOwnAddress(callTo(address), ["another"]), false);
	assert.equal(isOwnAddress(callTo(address), []), false);
});
