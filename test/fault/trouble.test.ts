// Goal: our own trouble is answered "later" (503 with Retry-After), never with a 4xx or a 2xx; it shows on /readyz and in
// /metrics, and it ends without a human once its cause is gone.

import assert from "node:assert/strict";
import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import { sql } from "kysely";
import { facebookBody, metaSigned, openDoors } from "#test/doors.ts";
import { type Api, startParley, until } from "#test/parley.ts";
import { testServer } from "#test/postgres.ts";

test("a full disk: 503 and nothing stored; space again: the repetition is stored", async (t) => {
	const doors = await openDoors(t);
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(doors.storage.db);
	await sql.raw(`PRAGMA max_page_count = ${rows[0]?.page_count ?? 0}`).execute(doors.storage.db);
	// Fills what is left in the pages there are.
	const send = (mid: string) => {
		const body = facebookBody({ "111": mid });
		return doors.post(`/sms/facebook/${id}`, body, metaSigned("app-secret", body));
	};
	let full: Awaited<ReturnType<typeof send>> | undefined;
	let stored = 0;
	for (let index = 0; full === undefined && index < 500; index++) {
		const answer = await send(`m_${index}`);
		if (answer.status === 200) {
			stored += 1;
		} else {
			full = answer;
		}
	}
	assert.equal(full?.status, 503, full?.body);
	assert.ok(full?.headers["retry-after"]);
	assert.equal(await doors.count("messages"), stored);
	await sql.raw("PRAGMA max_page_count = 100000").execute(doors.storage.db);
	assert.equal((await send(`m_${stored}`)).status, 200);
	assert.equal(await doors.count("messages"), stored + 1);
});

async function facebookService(api: Api): Promise<string> {
	const { id } = await api.call<{ id: string }>("POST", "/RI/rci/messagingServices", {
		type: "facebook",
		name: "Shop",
		serviceConnection: "https://graph.facebook.com/v25.0",
		authentications: [
			{ authenticationId: "111", password: "page-token" },
			{ authenticationId: "webhook", password: "app-secret" },
		],
	});
	return id;
}

function webhook(api: Api, id: string, mid: string): Promise<Response> {
	const body = facebookBody({ "111": mid });
	const signature = createHmac("sha256", "app-secret").update(body).digest("hex");
	const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
	const post = () => fetch(`${api.origin}/sms/facebook/${id}`, { method: "POST", body, headers });
	return post().catch(post); // A connection kept from before a restart is closed by now; a new one is made.
}

async function ready(api: { opsOrigin: string }): Promise<{ status: number; text: string }> {
	const answer = await fetch(`${api.opsOrigin}/readyz`);
	return { status: answer.status, text: await answer.text() };
}

type Proxy = { port: number; cut(): Promise<void>; mend(): Promise<void> };

/** A TCP proxy that can be cut: new and open connections end, as when the server is gone. */
async function proxyTo(t: TestContext, targetPort: number): Promise<Proxy> {
	const open = new Set<Socket>();
	const server: Server = createServer((socket) => {
		const upstream = connect(targetPort, "127.0.0.1");
		for (const [one, other] of [
			[socket, upstream],
			[upstream, socket],
		] as const) {
			open.add(one);
			one.pipe(other);
			one.on("error", () => other.destroy());
			one.on("close", () => open.delete(one));
		}
	});
	const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	await listen(0);
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	const cut = () =>
		new Promise<void>((resolve) => {
			server.close(() => resolve());
			open.forEach((socket) => socket.destroy());
		});
	t.after(async () => {
		if (server.listening) {
			await cut();
		}
	});
	return { port, cut, mend: () => listen(port) };
}

test("a lost database: 503 and not ready; back again: everything works, without a restart", async (t) => {
	const server = await testServer();
	if (!server.ok) {
		t.skip(server.reason);
		return;
	}
	const url = new URL(await server.freshDatabase());
	const proxy = await proxyTo(t, Number(url.port));
	url.port = String(proxy.port);
	const api = await startParley(t, { argv: ["--database", url.href] });
	const id = await facebookService(api);
	assert.equal((await webhook(api, id, "m_1")).status, 200);
	await proxy.cut();
	const lost = await webhook(api, id, "m_2");
	assert.deepEqual([lost.status, lost.headers.has("retry-after")], [503, true], await lost.text());
	assert.equal((await api.ask("GET", "/RI/cmi/messages")).status, 503);
	const unready = await ready(api);
	assert.deepEqual([unready.status, unready.text.includes("database")], [503, true]);
	await proxy.mend();
	await until(
		async () => ((await webhook(api, id, "m_2")).status === 200 ? true : undefined),
		"webhooks are taken again",
	);
	await until(async () => ((await ready(api)).status === 200 ? true : undefined), "ready again");
	const shown = await until(async () => {
		const all = await api.call<{ state: string }[]>("GET", "/RI/cmi/messages?state=matched");
		return all.length === 2 ? all : undefined;
	}, "both messages are matched");
	assert.equal(shown.length, 2);
});

test("a key ring that is away locks secrets: 503 and an alarm; put back, it opens by itself", async (t) => {
	const first = await startParley(t);
	const id = await facebookService(first);
	assert.equal((await webhook(first, id, "m_1")).status, 200);
	const { keyRing } = first.settings;
	await first.stop();
	renameSync(keyRing, `${keyRing}.away`);
	const api = await first.again();
	const locked = await webhook(api, id, "m_2");
	assert.deepEqual([locked.status, locked.headers.has("retry-after")], [503, true]);
	assert.match((await ready(api)).text, /key ring/);
	assert.match(await (await fetch(`${api.opsOrigin}/metrics`)).text(), /parley_alarm\{name="key_ring"\} 1/);
	renameSync(`${keyRing}.away`, keyRing);
	await until(async () => ((await webhook(api, id, "m_2")).status === 200 ? true : undefined), "open again", 20_000);
	assert.equal((await ready(api)).status, 200);
});

test("a key ring that others can read stops the start", async (t) => {
	const first = await startParley(t);
	const { keyRing } = first.settings;
	await first.stop();
	chmodSync(keyRing, 0o644);
	await assert.rejects(first.again(), /chmod 600/);
	chmodSync(keyRing, 0o600);
	writeFileSync(keyRing, "not a key ring");
	const api = await first.again();
	assert.equal((await ready(api)).status, 503);
});
