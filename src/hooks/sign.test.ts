import assert from "node:assert/strict";
import test from "node:test";
import { sign } from "./sign.ts";

// Of the convention's own tests (standard-webhooks, libraries/javascript/src/index.test.ts).
const known = {
	secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
	at: new Date(1_614_265_330_000),
	body: '{"test": 2432232314}',
	signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

test("the signature is the one that the convention knows for this secret, id, time and body", () => {
	assert.deepEqual(sign([known.secret], known), {
		"webhook-id": known.id,
		"webhook-timestamp": "1614265330",
		"webhook-signature": known.signature,
	});
});

test("two secrets give two signatures, the first one first, and whole seconds", () => {
	const other = `whsec_${Buffer.from("another secret of 24 byte").toString("base64")}`;
	const signed = sign([other, known.secret], { ...known, at: new Date(known.at.getTime() + 999) });
	const [first, second] = signed["webhook-signature"].split(" ");
	assert.equal(second, known.signature);
	assert.notEqual(first, second);
	assert.match(first ?? "", /^v1,[A-Za-z0-9+/]{43}=$/);
});
