// The program as a process of its own tells a receiver of events: signed, again after a 500, and after a kill in the middle
// of a delivery under the same id. The receiver has code of its own for the signature.

import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { test, type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import { startTwilioSimulator } from "#simulators/twilio.ts";
import { childParley, configure, until } from "#test/parley.ts";
import { peer } from "#test/peers.ts";
import { seededRandom } from "#test/scene.ts";

type Came = { id: string; isGenuine: boolean; type: string; message: unknown; token: unknown };
type Receiver = { url: string; came: Came[]; secret: string; next: (number | "silence")[] };

/** Answers by the list, then 204. */
async function receiver(t: TestContext): Promise<Receiver> {
	const state: Receiver = { url: "", came: [], secret: "", next: [] };
	const { port } = await peer(t, ({ headers }, response, body) => {
		const { type, data } = JSON.parse(body) as { type: string; data: { message: unknown } };
		const id = String(headers["webhook-id"]);
		const isGenuine = verifies(state.secret, headers, body);
		state.came.push({ id, isGenuine, type, message: data.message, token: headers["x-token"] });
		const status = state.next.shift() ?? 204;
		if (status !== "silence") {
			response.writeHead(status).end();
		}
	});
	state.url = `http://127.0.0.1:${port}/events`;
	return state;
}

function verifies(secret: string, headers: Readonly<Record<string, unknown>>, body: string): boolean {
	const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) =>
		String(headers[name]),
	);
	const key = Buffer.from(secret.split("_")[1] ?? "", "base64");
	const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
	const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
	return (
		isFresh &&
		(signatures ?? "").split(" ").some((one) => {
			const [version, mac = ""] = one.split(",");
			const given = Buffer.from(mac, "base64");
			return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
		})
	);
}

test("events arrive signed, again after a failure, and again after a kill under the same id", async (t) => {
	const parley = await childParley(t, ["--outbound.totalMs", "3000", "--outbound.firstByteMs", "2000"]);
	await parley.start();
	const { api } = parley;
	const simulator = await startTwilioSimulator({ clock: systemClock, random: seededRandom(7) });
	t.after(() => simulator.close());
	const service = await configure(api, simulator);
	const hooks = await receiver(t);
	const made = await api.call<{ id: string; secret: string }>("POST", "/RI/cmi/subscriptions", {
		name: "CRM",
		url: hooks.url,
		events: ["message.queued"],
		services: [service.id],
		headers: [{ name: "X-Token", value: "t" }],
	});
	hooks.secret = made.secret;
	const send = (text: string) =>
		api.call<{ id: string }>("POST", "/RI/cmi/messages", {
			service: service.id,
			from: simulator.account.ourAddress,
			to: "+4915112345678",
			text,
		});

	hooks.next = [500];
	const first = await send("one");
	await until(() => (hooks.came.length >= 2 ? true : undefined), "the second try", 20_000);
	assert.deepEqual(
		hooks.came.map(({ isGenuine, type, message, token }) => [isGenuine, type, message, token]),
		Array.from({ length: 2 }, () => [true, "message.queued", first.id, "t"]),
	);
	assert.equal(hooks.came[0]?.id, hooks.came[1]?.id);

	hooks.next = ["silence"];
	const second = await send("two");
	await until(() => hooks.came[2], "the third call");
	await parley.kill();
	await parley.start();
	const third = await send("three");
	await until(() => (hooks.came.length >= 5 ? true : undefined), "what was cut off, and what came after", 30_000);
	assert.deepEqual(
		hooks.came.slice(2).map(({ isGenuine, message }) => [isGenuine, message]),
		[second.id, second.id, third.id].map((id) => [true, id]),
	);
	assert.equal(hooks.came[2]?.id, hooks.came[3]?.id);

	const log = await until(async () => {
		const found = await api.call<{ state: string; attempts: { outcome: string | null; status: number | null }[] }[]>(
			"GET",
			`/RI/cmi/subscriptions/${made.id}/deliveries`,
		);
		return found.every(({ state }) => state === "delivered") ? found : undefined;
	}, "all are delivered");
	assert.deepEqual(
		log.toReversed().map(({ attempts }) => attempts.map(({ outcome, status }) => [outcome, status])),
		[
			[
				["refused", 500],
				["delivered", 204],
			],
			[
				[null, null],
				["delivered", 204],
			],
			[["delivered", 204]],
		],
	);
});
