// Goal: a secret is changed while messages come in, and none is lost: both secrets are valid until the end that the
// administrator set, the old one is refused after it, and what a provider signed too early with the new one waits in the
// quarantine until it is released, in the order it came.
// Method: a whole Parley, signed webhooks of a page without a pause; the sender counts what was acknowledged.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import { numberFlag } from "#test/flags.ts";
import { type Api, type MessageObject, type ServiceObject, startParley, until } from "#test/parley.ts";

const page = "102938475610293";
const atOnce = numberFlag("at-once", 8);
const overlapMs = 4000;

type Provider = { secret: string; sent: number; taken: string[]; refused: string[] };
type Scene = { api: Api; service: ServiceObject; provider: Provider };

async function setScene(api: Api): Promise<Scene> {
	const service = await api.call<ServiceObject>("POST", "/RI/rci/messagingServices", {
		type: "facebook",
		name: "Page",
		serviceConnection: "http://127.0.0.1:9",
		authentications: [
			{ authenticationId: page, password: "page-token-0123456789" },
			{ authenticationId: "webhook", password: "the-old-app-secret" },
		],
	});
	return { api, service, provider: { secret: "the-old-app-secret", sent: 0, taken: [], refused: [] } };
}

/** One message of a contact, signed with the secret that the provider uses just now. */
async function deliverOne({ service, provider }: Scene, secret = provider.secret): Promise<boolean> {
	provider.sent += 1;
	const text = `message ${String(provider.sent).padStart(5, "0")}`;
	const messaging = [
		{
			sender: { id: String(7000 + (provider.sent % 20)) },
			recipient: { id: page },
			timestamp: Date.now(),
			message: { mid: `m_${text}`, text },
		},
	];
	const body = JSON.stringify({ object: "page", entry: [{ id: page, time: Date.now(), messaging }] });
	const answer = await fetch(service.webhookUrl, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			"x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
		},
		body,
	});
	await answer.body?.cancel();
	(answer.ok ? provider.taken : provider.refused).push(text);
	return answer.ok;
}

/** Messages without a pause, so many at once, until told to end. */
function load(scene: Scene): { end(): Promise<void> } {
	let isOver = false;
	const one = async (): Promise<void> => {
		while (!isOver) {
			await deliverOne(scene);
		}
	};
	const all = Promise.all(Array.from({ length: atOnce }, one));
	return {
		async end() {
			isOver = true;
			await all;
		},
	};
}

async function changeSecret({ api, service }: Scene, password: string, previousValidUntil?: Date): Promise<void> {
	const until = previousValidUntil === undefined ? {} : { previousValidUntil: previousValidUntil.toISOString() };
	const path = `/RI/rci/messagingServices/${service.id}/authentications`;
	const entries = await api.call<{ id: string; authenticationId: string }[]>("GET", path);
	const entry = entries.find(({ authenticationId }) => authenticationId === "webhook");
	await api.call("PATCH", `${path}/${entry?.id ?? ""}`, { password, ...until });
}

/** Every text that Parley has, as often as it has it, in the order it came. */
async function stored({ api, service }: Scene): Promise<string[]> {
	const texts: string[] = [];
	let next: string | undefined = `/RI/cmi/messages?service=${service.id}&direction=in&order=asc&limit=200`;
	while (next !== undefined) {
		const answer = await api.ask("GET", next);
		texts.push(...((await answer.json()) as MessageObject[]).map(({ text }) => text));
		const [, link] = /<([^>]+)>; *rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
		next = link === undefined ? undefined : new URL(link, api.origin).href.slice(api.origin.length);
	}
	return texts;
}

test("a secret changes under load: nothing is refused, nothing lost, and the old one ends when it was said", async (t) => {
	const scene = await setScene(await startParley(t));
	const { provider } = scene;
	const running = load(scene);
	await until(() => (provider.taken.length > 100 ? true : undefined), "messages come in");
	const end = new Date(Date.now() + overlapMs);
	await changeSecret(scene, "the-new-app-secret", end);
	await until(async () => ((await deliverOne(scene, "the-new-app-secret")) ? true : undefined), "the new one counts");
	const early = provider.refused.splice(0).length; // Probes of this test, within the second until the change is known.
	const withBoth = provider.taken.length;
	await until(() => (provider.taken.length > withBoth + 100 ? true : undefined), "the old one counts as well");
	assert.ok(Date.now() < end.getTime(), "both were valid at the same time");
	provider.secret = "the-new-app-secret";
	await until(() => (Date.now() > end.getTime() + 1500 ? true : undefined), "the old one is over");
	await running.end();
	assert.deepEqual(provider.refused, [], "nothing was refused during the change");
	assert.equal(await deliverOne(scene, "the-old-app-secret"), false, "the old one is refused");
	t.diagnostic(`${provider.taken.length} messages taken, ${early} probes came too early`);
	assert.deepEqual((await stored(scene)).toSorted(), provider.taken.toSorted());
});

test("a provider that changed first: what it signed waits in the quarantine and is released in its order", async (t) => {
	const scene = await setScene(await startParley(t));
	const { api, provider } = scene;
	assert.equal(await deliverOne(scene), true);
	provider.secret = "the-new-app-secret";
	for (let count = 0; count < 30; count++) {
		assert.equal(await deliverOne(scene), false);
	}
	await changeSecret(scene, "the-new-app-secret");
	await until(async () => ((await deliverOne(scene)) ? true : undefined), "the new one counts");
	await api.call("POST", "/RI/cmi/quarantine/release", { service: scene.service.id });
	const all = [...provider.taken, ...provider.refused].toSorted();
	await until(async () => ((await stored(scene)).length === all.length ? true : undefined), "everything is released");
	const kept = await stored(scene);
	assert.deepEqual(kept.toSorted(), all);
	const released = kept.filter((text) => provider.refused.includes(text));
	assert.deepEqual(released, provider.refused, "in the order they came");
});
