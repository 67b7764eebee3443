import assert from "node:assert/strict";
import { test } from "node:test";
import { countedGroups, eventTypes, groupNames, typesOf } from "./event-groups.ts";
import { stateOf } from "./state.ts";

const at = "2026-01-01T00:00:00.000Z";
const fresh = { enabled: true, disabledReason: null, failingSince: null, lastDeliveredAt: null };

test("an event webhook works only where something was delivered and nothing has failed since", () => {
	assert.equal(stateOf(fresh), "untried");
	assert.equal(stateOf({ ...fresh, lastDeliveredAt: at }), "working");
	assert.equal(stateOf({ ...fresh, lastDeliveredAt: at, failingSince: at }), "waiting");
	assert.equal(stateOf({ ...fresh, failingSince: at, enabled: false }), "disabled");
	assert.equal(stateOf({ ...fresh, enabled: false, disabledReason: "410 Gone" }), "stopped");
});

test("every type of event stands in one group, and chosen ones are counted by group", () => {
	assert.deepEqual(groupNames.flatMap(typesOf).toSorted(), eventTypes.toSorted());
	assert.deepEqual(countedGroups(["chat.ended", "message.state", "chat.started"]), [
		{ group: "messages", count: 1, of: 5 },
		{ group: "chats", count: 2, of: 8 },
	]);
});
