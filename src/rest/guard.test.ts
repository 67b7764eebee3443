import assert from "node:assert/strict";
import test from "node:test";
import { tokenHash } from "#identity/tokens.ts";
import { cmiRoutes } from "./cmi/index.ts";
import { insertSession } from "#storage/sessions.ts";
import { administratorGrants, type Person, type RestScene, publicBaseUrl, restScene } from "#test/rest-scene.ts";
import { codeOf, made, post, thingId, thingRoutes } from "#test/thing-routes.ts";

async function sessionOf(scene: RestScene, { id: userId }: Person): Promise<string> {
	const now = scene.clock.now();
	const times = { createdAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
	const session = {
		id: scene.deps.ids.next<string>(),
		userId,
		...times,
		userAgent: "b",
		tokenHash: tokenHash("token"),
	};
	await scene.storage.write((tx) => insertSession(tx, session));
	return "__Host-sid=token";
}

const crossings: readonly [what: string, headers: Record<string, string>, status: number][] = [
	["our own page", { "sec-fetch-site": "same-origin" }, 201],
	["an address typed in", { "sec-fetch-site": "none" }, 201],
	["our origin, without fetch metadata", { origin: publicBaseUrl }, 201],
	["another site", { "sec-fetch-site": "cross-site" }, 403],
	["a neighbour of the site", { "sec-fetch-site": "same-site" }, 403],
	["another site that also claims our origin", { "sec-fetch-site": "cross-site", origin: publicBaseUrl }, 403],
	["another origin", { origin: "https://evil.example" }, 403],
	["our origin on another port", { origin: `${publicBaseUrl}:8443` }, 403],
	["the origin null", { origin: "null" }, 403],
	["no sign of where it comes from", {}, 403],
	["a host header that fits the origin", { origin: "https://evil.example", host: "evil.example" }, 403],
];
for (const [what, headers, status] of crossings) {
	test(`with a session, a change sent by ${what} gets ${status}`, async (t) => {
		const scene = await restScene(t, { routes: thingRoutes });
		const cookie = await sessionOf(scene, await scene.person());
		const answer = await scene.call(post("x", undefined, { cookie, ...headers }));
		assert.equal(answer.statusCode, status);
		assert.equal(status === 201 || answer.json<{ code: string }>().code === "cross_site", true);
		assert.equal(await made(scene), status === 201 ? 1 : 0);
		const read = await scene.call({ method: "GET", url: `/RI/rci/things/${thingId}`, headers: { cookie, ...headers } });
		assert.equal(read.statusCode, 200, "reading changes nothing");
	});
}

test("with a session only JSON is taken, whatever else the headers say", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const cookie = await sessionOf(scene, await scene.person());
	for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
		const headers = { cookie, "sec-fetch-site": "same-origin", "content-type": type };
		const answer = scene.call({ method: "POST", url: "/RI/rci/things", payload: '{"name":"x"}', headers });
		assert.deepEqual(await codeOf(answer), [403, "cross_site"], type);
	}
});

test("with a session a file is taken from our own pages only, and only under a header that no foreign form has", async (t) => {
	const upload = cmiRoutes.filter(({ takesFile }) => takesFile === true);
	const scene = await restScene(t, { routes: upload });
	const cookie = await sessionOf(scene, await scene.person({ grants: administratorGrants }));
	const own = { "sec-fetch-site": "same-origin", "idempotency-key": "k" };
	const send = async (headers: Record<string, string>) => {
		const all = { cookie, "content-type": "text/plain", ...headers };
		const url = "/RI/rci/attachments";
		return (await scene.call({ method: "POST", url, payload: "hello", headers: all })).statusCode;
	};
	assert.equal(await send({ ...own, "sec-fetch-site": "cross-site" }), 403);
	assert.equal(await send({ "sec-fetch-site": "same-origin" }), 403);
	assert.equal(await send({ "idempotency-key": "k" }), 403);
	assert.equal(await send(own), 201);
});

test("no answer lets other origins read it", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const headers = { origin: "https://evil.example" };
	for (const method of ["GET", "OPTIONS"] as const) {
		const answer = await scene.call({ method, url: "/RI/rci/open", headers });
		assert.equal(answer.headers["access-control-allow-origin"], undefined);
	}
});
