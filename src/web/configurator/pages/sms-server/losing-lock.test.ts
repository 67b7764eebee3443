import assert from "node:assert/strict";
import test from "node:test";
import { losingTheirLock } from "./losing-lock.ts";

test("types proven by an HTTP user only are shut, signed ones are weaker, the others do not change", () => {
	const type = (name: string, inboundProof: string, localHttpAuthentication: string) => ({
		type: name,
		label: name.toUpperCase(),
		inboundProof,
		localHttpAuthentication,
	});
	const types = [
		type("wavy", "httpUser", "required"),
		type("smshttp", "httpUser", "required"),
		type("twilio", "signature", "required"),
		type("facebook", "signature", "exempt"),
	];
	assert.deepEqual(losingTheirLock(types, [{ type: "smshttp" }, { type: "facebook" }]), {
		shut: [
			{ type: "smshttp", label: "SMSHTTP", services: 1 },
			{ type: "wavy", label: "WAVY", services: 0 },
		],
		weaker: [{ type: "twilio", label: "TWILIO", services: 0 }],
	});
});
