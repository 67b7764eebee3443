// Goal: files travel whole. What a contact sends is fetched as its provider wants it, kept and given to who may read it;
// what an agent uploads is fetched by the provider without any logon, byte for byte the same.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { pdf, png } from "#test/file-scene.ts";
import { administrator, type Api, configure, startParley, strangerWith, until } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";

type Shown = { id: string; filename?: string; contentType?: string; size?: number; state?: string; reason?: string };
type Message = { id: string; state: string; attachments: Shown[] };

async function start(t: TestContext, type: string): Promise<Simulator> {
	const run = simulators[type];
	assert.ok(run);
	const simulator = await run({ clock: systemClock, random: seededRandom(7) });
	t.after(() => simulator.close());
	return simulator;
}

const authorization = `Basic ${btoa(`${administrator.login}:${administrator.password}`)}`;

async function upload(api: Api, bytes: Uint8Array, contentType: string, filename: string): Promise<Response> {
	return fetch(`${api.origin}/RI/cmi/attachments?filename=${encodeURIComponent(filename)}`, {
		method: "POST",
		headers: { authorization, "content-type": contentType },
		body: Buffer.from(bytes),
	});
}

async function incoming(api: Api, serviceId: string): Promise<Message | undefined> {
	const [message] = await api.call<Message[]>("GET", `/RI/cmi/messages?service=${serviceId}&direction=in`);
	return message;
}

async function bytesOf(answer: Response): Promise<Buffer> {
	return Buffer.from(await answer.arrayBuffer());
}

for (const type of ["twilio", "whatsapp", "facebook", "sinchconversation"]) {
	test(`${type}: a picture that a contact sends is kept, and had by who may read the message`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator);
		const mediaUrls = [simulator.hostFile({ bytes: png, contentType: "image/png" })];
		const sent = await simulator.contactWrites({ from: simulator.somebody, text: "Look", mediaUrls });
		assert.equal(sent.status, 200, sent.body);
		const kept = await until(async () => {
			const shown = (await incoming(api, service.id))?.attachments[0];
			return shown?.state === "waiting" ? undefined : shown;
		}, "the picture is kept");
		assert.deepEqual([kept.state, kept.contentType, kept.size], ["kept", "image/png", png.length]);
		assert.ok(!("url" in kept), "the provider's address is nobody's business");

		const answer = await api.ask("GET", `/RI/cmi/attachments/${kept.id}`);
		assert.deepEqual(await bytesOf(answer), png);
		assert.equal(answer.headers.get("content-type"), "image/png");
		assert.match(answer.headers.get("content-disposition") ?? "", /^inline; filename="[\w.]+\.png"$/);
		assert.match(answer.headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/);
		assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
		const other = await configure(api, await start(t, type));
		const stranger = await strangerWith(api, other.id);
		assert.equal((await stranger.ask("GET", `/RI/cmi/attachments/${kept.id}`)).status, 404);
		assert.deepEqual(simulator.refusals, []);
	});
}

for (const type of ["twilio", "whatsapp"]) {
	test(`${type}: a file that is uploaded reaches the provider, which needs no logon`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator);
		await simulator.contactWrites({ from: simulator.somebody, text: "Send it, please" });
		const uploaded = await upload(api, pdf, "application/pdf", "Angebot für Ana.pdf");
		assert.equal(uploaded.status, 201, await uploaded.clone().text());
		const { id } = (await uploaded.json()) as { id: string };
		const message = await api.call<Message>("POST", "/RI/cmi/messages", {
			service: service.id,
			from: simulator.account.ourAddress,
			to: simulator.somebody,
			attachments: [{ id }],
		});
		const file = {
			id,
			state: "kept",
			contentType: "application/pdf",
			filename: "Angebot für Ana.pdf",
			size: pdf.length,
		};
		assert.deepEqual(message.attachments, [file]);
		const fetched = await until(() => simulator.fetched[0], "the provider fetches it");
		assert.deepEqual([fetched.status, fetched.contentType], [200, "application/pdf"]);
		assert.deepEqual(Buffer.from(fetched.bytes), pdf);
		assert.match(fetched.url, /\/sms\/richcontent\/[\w-]{54}\/Angebot_fu_r_Ana\.pdf$/);
		await until(async () => {
			const { state } = await api.call<Message>("GET", `/RI/cmi/messages/${message.id}`);
			return state === "read" ? state : undefined;
		}, "the message is read");
		assert.deepEqual(simulator.refusals, []);
	});
}

test("a file that lies elsewhere is asked for nowhere, and says why", async (t) => {
	const api = await startParley(t);
	const simulator = await start(t, "wavy");
	const service = await configure(api, simulator);
	const mediaUrls = ["https://media.elsewhere.example/1.jpg"];
	await simulator.contactWrites({ from: simulator.somebody, text: "", mediaUrls });
	const shown = await until(async () => {
		const [first] = (await incoming(api, service.id))?.attachments ?? [];
		return first?.reason === undefined ? undefined : first;
	}, "it is refused");
	assert.equal(shown.reason, "NOTALLOWED");
	assert.equal((await api.ask("GET", `/RI/cmi/attachments/${shown.id}`)).status, 404);
});
