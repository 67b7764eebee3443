import assert from "node:assert/strict";
import test from "node:test";
import type { Access, Grant, ObjectType } from "#domain/rights.ts";
import { eventSightOf, isInSight } from "./event-sight.ts";

function seen(grants: readonly Grant[], type: string, serviceId: string, queueId: string | null = null): boolean {
	return isInSight({ type, serviceId, queueId }, eventSightOf(grants));
}

function on(objectType: ObjectType, objectId: string | null, ...access: Access[]): Grant {
	return { objectType, objectId, access };
}

test("messages are for who sends or reads by the service, its quarantine for who keeps the door", () => {
	const cases: [Access, boolean, boolean][] = [
		["messaging", true, false],
		["manageContactHistory", true, true],
		["modify", false, true],
		["view", false, false],
		["use", false, false],
	];
	for (const [access, messages, quarantine] of cases) {
		const grants = [on("messagingService", "S", access)];
		assert.equal(seen(grants, "message.state", "S"), messages, access);
		assert.equal(seen(grants, "chat.started", "S", "Q"), messages, access);
		assert.equal(seen(grants, "request.changed", "S"), quarantine, access);
		assert.equal(seen(grants, "message.state", "T"), false, access);
		assert.equal(seen(grants, "request.changed", "T"), false, access);
	}
});

test("a chat of no service is for who may read its queue", () => {
	const ofQueue = [on("queue", "Q", "messaging")];
	assert.equal(seen(ofQueue, "chat.started", "", "Q"), true);
	assert.equal(seen(ofQueue, "chat.started", "", "R"), false);
	assert.equal(seen(ofQueue, "chat.started", "", null), false);
	assert.equal(seen(ofQueue, "chat.started", "S", "Q"), false, "it has a service, which decides");
	assert.equal(seen([on("queue", "Q", "serve", "view")], "chat.started", "", "Q"), false);
	assert.equal(seen([on("queue", null, "manageContactHistory")], "chat.started", "", null), true);
	assert.equal(seen([on("messagingService", null, "messaging")], "chat.started", "", "Q"), false);
});

test("other events of no service are for who reads any service, and for nobody else", () => {
	assert.equal(seen([on("messagingService", "S", "messaging")], "contact.optedOut", ""), true);
	assert.equal(seen([on("messagingService", null, "messaging")], "contact.optedOut", ""), true);
	assert.equal(seen([on("messagingService", "S", "modify")], "contact.optedOut", ""), false);
	assert.equal(seen([], "contact.optedOut", ""), false);
});
