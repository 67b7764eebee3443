// Who counts as there, who gets chats and what the figures say of it.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { defaultPresence, presenceProfiles } from "#chat/presences.ts";
import { appears, chatStage, idIn, leaf, logInAgent, openPeer, type Peer, until, visit } from "#test/chat-scene.ts";

type Stage = Awaited<ReturnType<typeof chatStage>>;
type Figures = { id: string; agents_waiting: number; agents_statuspause: number; agents_attached: number };

/** A program that has no socket. */
function byRequests(origin: string, cookie: string) {
	return async (method: string, path: string, body?: unknown): Promise<{ status: number; value: unknown }> => {
		const answer = await fetch(`${origin}/ecfs/rest/users/me${path}`, {
			method,
			headers: { cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await answer.text();
		return { status: answer.status, value: text === "" ? undefined : JSON.parse(text) };
	};
}

async function visitorWaits(
	t: Parameters<typeof chatStage>[0],
	{ origin }: Stage,
): Promise<{ peer: Peer; id: string }> {
	const peer = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await peer.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	return { peer, id: idIn(await peer.hear(appears("queued"), "that it waits")) };
}

async function readyAgent(t: Parameters<typeof chatStage>[0], stage: Stage, login: string): Promise<Peer> {
	const peer = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent(login)));
	await peer.demand("PUT", "/properties", { work_status: "ready" });
	return peer;
}

test("who works by requests alone is there: chats are offered and stay, and the figures are counted when asked", async (t) => {
	const stage = await chatStage(t, { forcedToServe: true });
	await stage.call("PATCH", "/RI/rci/chatSettings", { agentLostSeconds: 10 });
	const who = await logInAgent(stage.origin, await stage.agent("bot"));
	const ask = byRequests(stage.origin, who.cookie);
	assert.equal((await ask("PUT", "/properties", { work_status: "ready" })).status, 200);
	assert.equal((await ask("PUT", `/queues/${stage.queueId}`, { serve: false })).status < 500, true);
	const [figures] = (await ask("GET", "/statistics/queues")).value as Figures[];
	assert.deepEqual([figures?.agents_attached, figures?.agents_waiting, figures?.agents_statuspause], [1, 1, 0]);
	const { id } = await visitorWaits(t, stage);
	const status = async (): Promise<unknown> =>
		((await ask("GET", "/interactions")).value as { id: string; status: string }[]).find((one) => one.id === id)
			?.status;
	await until(async () => (await status()) === "incoming" || undefined, "the offer");
	assert.equal((await ask("PUT", `/interactions/${id}`, { status: "accepted" })).status, 200);
	for (let second = 0; second < 13; second += 1) {
		await wait(1000);
	}
	assert.equal(await status(), "accepted", "thirteen quiet seconds are no absence");
});

test("nobody hands a chat to who is at lunch, or has as many as they may", async (t) => {
	const stage = await chatStage(t, { allocation: "huntGroup" });
	await stage.call("PATCH", "/RI/rci/chatSettings", { chatsPerAgent: 1 });
	const mia = await readyAgent(t, stage, "mia");
	const leo = await readyAgent(t, stage, "leo");
	const pick = async (peer: Peer, id: string): Promise<void> => {
		const from_queue = { id: stage.queueId };
		await peer.demand("POST", "/interactions", { channel_type: "chat", status: "picked", contact_id: id, from_queue });
	};
	const { id } = await visitorWaits(t, stage);
	await pick(mia, id);
	const handOn = () =>
		mia.ask("PUT", `/interactions/${id}`, { channel_status: "transferring", destination: "leo@127.0.0.1" });
	const { id: lunch } = presenceProfiles.find(({ reason }) => reason === "LUNCH") ?? assert.fail();
	await leo.demand("PUT", "/properties", { presence: lunch });
	assert.equal((await handOn()).status_code, 403, "at lunch");
	await leo.demand("PUT", "/properties", { presence: defaultPresence, work_status: "ready" });
	await pick(leo, (await visitorWaits(t, stage)).id);
	assert.equal((await handOn()).status_code, 403, "as many as they may");
	await stage.call("PATCH", "/RI/rci/chatSettings", { chatsPerAgent: 2 });
	assert.equal((await handOn()).status_code, 200);
});

test("whose connection ends while they type has stopped, agent and visitor alike", async (t) => {
	const stage = await chatStage(t);
	const who = await logInAgent(stage.origin, await stage.agent("mia"));
	const mia = await openPeer(t, stage.origin, who);
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const { peer: ann, id } = await visitorWaits(t, stage);
	const offer = await mia.hear(appears("incoming"), "the offer");
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await mia.demand("PUT", `/interactions/${id}/participants/mia@127.0.0.1`, { status: "typing" });
	await ann.hear(leaf("status", "typing"), "that the agent types");
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "One moment." });
	await until(() => ann.texts().includes("One moment.") || undefined, "the visitor reads it");
	assert.equal(ann.told.some(leaf("status", "not_typing")), false, "not before the connection ends");
	await mia.close();
	await ann.hear(leaf("status", "not_typing"), "that the agent has stopped");
	const again = await openPeer(t, stage.origin, who);
	const { originator } = offer.subscribed_resource as { originator: string };
	await ann.demand("PUT", `/interactions/${id}/participants/${originator}`, { status: "typing" });
	await again.hear(leaf("status", "typing"), "that the visitor types");
	await ann.close();
	await again.hear(leaf("status", "not_typing"), "that the visitor has stopped");
});
