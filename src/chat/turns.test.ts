import assert from "node:assert/strict";
import { changesAfter, newestChange } from "#storage/chat-changes.ts";
import { legsOfUsers } from "#storage/chat-figures.ts";
import { saveSupervision } from "#storage/chat-supervisions.ts";
import { readQueues } from "#storage/queues.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import type { Move } from "./moves/move.ts";
import { finish, handOn, moveToQueue, supervise } from "./moves/talking.ts";
import { accept, decline, offer, pick } from "./moves/waiting.ts";
import { endSupervision } from "./supervisions.ts";
import { fromQueueOf, type Step } from "./tells.ts";

/** What the user is told of the work, as `PUT status handled`. */
async function toldTo({ storage }: TurnsScene, userId: string, work: () => Promise<void>): Promise<string[]> {
	const from = await newestChange(storage.db);
	await work();
	const changes = await changesAfter(storage.db, from, 100);
	const steps = changes.flatMap(({ tells }) => tells.filter(({ to }) => to === userId).flatMap((tell) => tell.steps));
	return (steps as Step[]).map((step) =>
		step.kind === "appears"
			? `appears ${step.status}`
			: `${step.method} ${step.path.split("/").slice(3).join("/")} ${JSON.stringify(step.value)}`,
	);
}

/** Mia had the chat and wraps it up, Leo had it after her, and it waits again. */
async function passedOn(scene: TurnsScene) {
	const queueId = await scene.queue("support", { wrapUpSeconds: 600 });
	const [mia, leo] = [await scene.agent("mia", [queueId]), await scene.agent("leo", [queueId])];
	const chatId = await scene.chat("support@desk.test");
	const act = async (userId: string, move: Move): Promise<void> => {
		const acted = await scene.act((turn) => turn.move(chatId, move, [userId]));
		assert.ok(acted.ok, JSON.stringify(acted));
	};
	const [queue] = await readQueues(scene.storage.db);
	assert.ok(queue !== undefined);
	await act(mia, offer(mia));
	await act(mia, accept(mia));
	await act(leo, handOn(mia, { userId: leo, origin: "transfer" }));
	await act(leo, accept(leo));
	const toQueue = { queue, isOpen: true, waiting: 0, place: 1, destination: "support@desk.test" };
	const toldMia = await toldTo(scene, mia, () => act(leo, moveToQueue(leo, toQueue)));
	return { mia, leo, chatId, act, toldMia };
}

onBothDialects("whoever wraps a chat up goes on when it is given to a queue", async (open) => {
	const scene = turnsScene(await open());
	const { mia, leo, chatId, act, toldMia } = await passedOn(scene);
	const { legs } = await scene.find(chatId);
	assert.deepEqual(
		legs.map(({ userId, state }) => [userId, state]),
		[
			[mia, "wrapUp"],
			[leo, "wrapUp"],
		],
	);
	assert.ok(!toldMia.some((step) => step.startsWith("DELETE  ")), "it does not leave her tree");
	await act(mia, finish(mia, "Sold"));
	assert.equal((await scene.find(chatId)).reason, "Sold");
});

onBothDialects("whoever gets a chat anew that they wrap up sees it go before it comes", async (open) => {
	const scene = turnsScene(await open());
	const { mia, leo, act } = await passedOn(scene);
	assert.deepEqual(await toldTo(scene, mia, () => act(mia, offer(mia))), [
		'PUT status "handled"',
		"DELETE  null",
		"appears incoming",
	]);
	const told = await toldTo(scene, leo, () => act(leo, pick(leo)));
	assert.deepEqual(told, ['PUT status "handled"', "DELETE  null", "appears accepted"]);
});

/** A chat that Mia has, as somebody else is about to come in. */
async function talking(scene: TurnsScene) {
	const queueId = await scene.queue("support", { wrapUpSeconds: 600 });
	const [mia, leo] = [await scene.agent("mia", [queueId]), await scene.agent("leo", [queueId])];
	const chatId = await scene.chat("support@desk.test");
	const act = (userId: string, move: Move) => scene.act((turn) => turn.move(chatId, move, [userId]));
	const legs = async () =>
		Object.fromEntries((await scene.find(chatId)).legs.map(({ userId, role, state }) => [userId, `${role} ${state}`]));
	const asked = { userId: leo, origin: "consult" } as const;
	const given = { userId: leo, origin: "transfer", attached: { note: "vip" } } as const;
	await act(mia, offer(mia));
	await act(mia, accept(mia));
	return { mia, leo, chatId, act, legs, asked, given };
}

onBothDialects("who was asked in has the chat at once when it is handed on to them", async (open) => {
	const scene = turnsScene(await open());
	const { mia, leo, chatId, act, legs, asked, given } = await talking(scene);
	await act(leo, handOn(mia, asked));
	await act(leo, accept(leo));
	const again = await act(leo, handOn(mia, asked));
	assert.equal(again.ok || again.error, "already_in", "nobody is asked in twice");
	const told = await toldTo(scene, leo, async () => assert.ok((await act(leo, handOn(mia, given))).ok));
	assert.deepEqual(await legs(), { [mia]: "agent wrapUp", [leo]: "agent accepted" });
	assert.equal((await scene.find(chatId)).agentId, leo);
	assert.ok(told.includes('PUT role "agent"'), told.join("\n"));
	assert.ok(told.includes('PUT attached_data {"note":"vip","channel":"web"}'), told.join("\n"));
	const states = told.flatMap((step) => /CHAT_TRANSFERRED|JOINED|LEFT|status/.exec(step)?.[0] ?? []);
	assert.deepEqual(states, ["CHAT_TRANSFERRED", "JOINED"]);
	const own = await act(leo, handOn(leo, given));
	assert.equal(own.ok || own.error, "already_in", "nobody hands it on to themselves");
});

onBothDialects("what was to come along with a transfer that was rejected may be given again", async (open) => {
	const scene = turnsScene(await open());
	const { mia, leo, chatId, act, given } = await talking(scene);
	const attached = { note: "vip", order: { number: 4711, lines: [1, 2] } };
	await act(leo, handOn(mia, { ...given, attached }));
	await act(leo, decline(leo, "rejected"));
	const other = await act(leo, handOn(mia, { ...given, attached: { ...attached, order: { number: 4712 } } }));
	assert.equal(other.ok || other.error, "attached_data");
	const again = { order: { lines: [1, 2], number: 4711 }, note: "vip", more: 1 };
	assert.ok((await act(leo, handOn(mia, { ...given, attached: again }))).ok);
	assert.deepEqual((await scene.find(chatId)).attachedByAgents, { ...attached, more: 1 });
});

onBothDialects("who wraps a chat up, or has not answered yet, may be handed it", async (open) => {
	const scene = turnsScene(await open());
	const { mia, leo, act, legs, asked, given } = await talking(scene);
	await act(leo, handOn(mia, asked));
	const again = await act(leo, handOn(mia, asked));
	assert.equal(again.ok || again.error, "already_in");
	assert.ok((await act(leo, handOn(mia, given))).ok, "asked for more than a word");
	await act(leo, accept(leo));
	const told = await toldTo(scene, mia, async () => {
		assert.ok((await act(mia, handOn(leo, { userId: mia, origin: "transfer" }))).ok);
	});
	assert.deepEqual(told, ['PUT status "handled"', "DELETE  null", "appears incoming"]);
	await act(mia, accept(mia));
	assert.deepEqual(await legs(), { [leo]: "agent wrapUp", [mia]: "agent accepted" });
});

onBothDialects("a supervisor who is handed the chat keeps it when they follow the agent no more", async (open) => {
	const scene = turnsScene(await open());
	const { mia, chatId, act } = await talking(scene);
	const eva = await scene.user("eva", [{ objectType: "user", objectId: mia, access: ["bargeIn"] }]);
	await scene.arrive(eva);
	const session = { id: scene.ids.next<string>(), supervisorId: eva, agentId: mia, state: "coaching", at: 0 } as const;
	await scene.act((turn) => saveSupervision(turn.tx, { ...session, isAsked: false }));
	await act(eva, supervise(eva, false));
	assert.ok((await act(eva, handOn(mia, { userId: eva, origin: "transfer" }))).ok);
	await scene.act((turn) => endSupervision(turn, { ...session, isAsked: false }));
	const { state, agentId, legs } = await scene.find(chatId);
	assert.deepEqual([state, agentId], ["served", eva]);
	assert.equal(legs.find(({ userId }) => userId === eva)?.origin, "transfer");
});

onBothDialects("a wrap-up is about the queue it was had from, wherever the chat goes", async (open) => {
	const scene = turnsScene(await open());
	const support = await scene.queue("support", { wrapUpSeconds: 600 });
	const back = await scene.queue("back");
	const mia = await scene.agent("mia", [support]);
	const chatId = await scene.chat("support@desk.test");
	const queue = (await readQueues(scene.storage.db)).find(({ id }) => id === back);
	assert.ok(queue !== undefined);
	const to = { queue, isOpen: true, waiting: 0, place: 1, destination: "back@desk.test" };
	const told = await toldTo(scene, mia, async () => {
		for (const move of [offer(mia), accept(mia), moveToQueue(mia, to)]) {
			assert.ok((await scene.act((turn) => turn.move(chatId, move, [mia]))).ok);
		}
	});
	const chat = await scene.find(chatId);
	assert.deepEqual(
		["mia", "a visitor"].map((who) => fromQueueOf(chat, who === "mia" ? mia : who, (id) => id).id),
		[support, back],
	);
	assert.ok(!told.some((step) => step.includes("from_queue")), told.join("\n"));
	const legs = await legsOfUsers(scene.storage.db, [mia]);
	assert.deepEqual(legs, [{ userId: mia, queueId: support, state: "wrapUp" }], "and counts as its");
});
