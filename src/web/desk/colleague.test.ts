import assert from "node:assert/strict";
import { test } from "node:test";
import { choosable, type Colleague } from "./colleague.ts";

const agent = (name: string): Colleague => {
	const address = `${name.toLowerCase()}@desk.test`;
	return { kind: "agent", address, name, state: "ready", can_take: name !== "Kim", chats: 0 };
};
const support: Colleague = {
	kind: "queue",
	address: "support@desk.test",
	name: "Support",
	state: "queue",
	can_take: true,
	chats: 0,
};
const participants = [agent("Ann"), agent("Mia"), agent("Leo")].map(({ address, name }) => ({
	uniquekey: address,
	alias: name,
}));
const chat = { participants, originator: "ann@desk.test", destination: "mia@desk.test" };

test("who is in the chat may be handed it, whatever else they have to do, and is not asked in again; who has no room is not offered", () => {
	const named = (how: "transfer" | "consult", colleagues: readonly Colleague[]) =>
		choosable(how, chat, colleagues).map(({ name, state }) => `${name} ${state}`);
	const all = [agent("Leo"), agent("Eva"), agent("Kim"), support];
	assert.deepEqual(named("transfer", all), ["Leo inside", "Eva ready", "Support queue"]);
	assert.deepEqual(named("transfer", [support]), ["Leo inside", "Support queue"]);
	assert.deepEqual(named("consult", all), ["Eva ready"]);
});
