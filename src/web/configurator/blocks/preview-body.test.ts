import assert from "node:assert/strict";
import test from "node:test";
import { storedDraft, toPreviewBody } from "./preview-body.ts";

const draft = {
	name: "Shop",
	serviceConnection: "https://sms.example.com/send",
	authenticationUrl: "",
	authenticationScope: null,
	settings: { format: "json" },
	authentications: [
		{ id: "E1", authenticationId: "user", password: "" },
		{ authenticationId: "", password: "typed" },
		{ authenticationId: "other", password: "typed" },
	],
};

test("a draft that is half filled becomes a body that the server reads", () => {
	const body = toPreviewBody(draft, { to: " +4912 ", text: "" }, "S1");
	assert.deepEqual(body, {
		serviceConnection: "https://sms.example.com/send",
		authenticationUrl: null,
		authenticationScope: null,
		settings: { format: "json" },
		authentications: [
			{ id: "E1", authenticationId: "user" },
			{ authenticationId: "other", password: "typed" },
		],
		service: "S1",
		message: { to: "+4912" },
	});
	assert.deepEqual(toPreviewBody(draft, { to: "", text: "Hi" }, undefined).authentications?.[0], {
		authenticationId: "user",
	});
});

test("a stored service becomes a draft without what a form does not hold", () => {
	const entry = { id: "E1", authenticationId: "user", passwordSet: true };
	const stored = { ...draft, authentications: [entry], state: "ready" };
	assert.deepEqual(storedDraft(stored), { ...draft, authentications: [{ id: "E1", authenticationId: "user" }] });
});
