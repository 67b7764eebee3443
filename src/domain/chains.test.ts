import assert from "node:assert/strict";
import test from "node:test";
import { addressKey, chainKey } from "./chains.ts";

const chain = { serviceId: "S", channel: "sms", ourAddress: "+49301234", contactAddress: "+4915112345" };

test("addresses are compared without regard to case and composition", () => {
	assert.equal(addressKey("APP@WhatsApp.Example"), addressKey("app@whatsapp.example"));
	assert.equal(addressKey("cafe\u0301"), addressKey("CAFÉ"));
});

test("no two different chains share a key, whatever the addresses contain", () => {
	assert.notEqual(
		chainKey({ ...chain, ourAddress: 'a","b', contactAddress: "c" }),
		chainKey({ ...chain, ourAddress: "a", contactAddress: 'b","c' }),
	);
	assert.notEqual(chainKey(chain), chainKey({ ...chain, serviceId: "T" }));
	assert.equal(chainKey(chain), chainKey({ ...chain, channel: "SMS" }));
});
