// What an installation does in its life, one step after the other on one Parley, each as the HTTP call that a provider, an
// agent or an administrator makes.

import assert from "node:assert/strict";
import type { Simulator } from "#simulators/simulator.ts";
import { facebookBody, metaSigned } from "#test/doors.ts";
import { administrator, type Api, apiAt, type MessageObject, type ServiceObject } from "#test/parley.ts";

export type Stage = { api: Api; simulator: Simulator; service: ServiceObject; known: Map<string, string> };

export type Scenario = {
	name: string;
	/** Resolves when Parley has promised. */
	act(stage: Stage): Promise<void>;
	/** The tables of the promise: they change together or not at all, and all have changed once it was given. */
	together: readonly string[];
	/** How many transactions the whole step may take, with what workers do afterwards. */
	commitsMax: number;
};

const facebookSecrets = { "111": "page-token", webhook: "app-secret" };

async function webhook({ simulator }: Stage, remoteId: string, from: string): Promise<void> {
	const said = await simulator.contactWrites({ from, text: `text ${remoteId}`, remoteId });
	assert.equal(said.status, 200, said.body);
}

async function send({ api, simulator, service }: Stage, text: string, headers = {}): Promise<void> {
	const body = { service: service.id, from: simulator.account.ourAddress, to: "+491510000001", text };
	await api.call<MessageObject>("POST", "/RI/cmi/messages", body, headers);
}

const message = ["inbox", "inbound_requests", "messages"];
const audited = ["audit_log"];

export const scenarios: readonly Scenario[] = [
	{
		name: "a webhook from a new contact",
		together: message,
		commitsMax: 3,
		act: (stage) => webhook(stage, "01MFIRST", "+491510000001"),
	},
	{
		name: "the next webhook of the same contact",
		together: message,
		commitsMax: 3,
		act: (stage) => webhook(stage, "01MSECOND", "+491510000001"),
	},
	{
		// The provider's time in it differs, so there is a security event too.
		name: "a webhook again",
		together: ["nonces"],
		commitsMax: 2,
		act: (stage) => webhook(stage, "01MFIRST", "+491510000001"),
	},
	{
		name: "a messaging service is made",
		together: ["messaging_services", "authentications", ...audited],
		commitsMax: 1,
		async act({ api, known }) {
			const { id } = await api.call<ServiceObject>("POST", "/RI/rci/messagingServices", {
				type: "facebook",
				name: "Shop",
				serviceConnection: "https://graph.facebook.com/v25.0",
				authentications: Object.entries(facebookSecrets).map(([authenticationId, password]) => ({
					authenticationId,
					password,
				})),
			});
			known.set("facebook", id);
		},
	},
	{
		name: "a webhook with several messages",
		together: message,
		commitsMax: 7,
		async act({ api, known }) {
			const entries = ["m_1", "m_2", "m_3"].map(
				(mid) => JSON.parse(facebookBody({ "111": mid })) as { entry: unknown[] },
			);
			const body = JSON.stringify({ object: "page", entry: entries.flatMap(({ entry }) => entry) });
			const headers = metaSigned(facebookSecrets.webhook, body);
			const url = `${api.origin}/sms/facebook/${known.get("facebook")}`;
			assert.equal((await fetch(url, { method: "POST", body, headers })).status, 200);
		},
	},
	{
		name: "a webhook with a wrong signature",
		together: ["quarantine"],
		commitsMax: 3,
		async act({ api, known }) {
			const body = facebookBody({ "111": "m_forged" });
			const url = `${api.origin}/sms/facebook/${known.get("facebook")}`;
			assert.equal((await fetch(url, { method: "POST", body, headers: metaSigned("wrong", body) })).status, 401);
		},
	},
	{
		name: "a messaging service is changed",
		together: ["messaging_services", ...audited],
		commitsMax: 1,
		act: ({ api, known }) =>
			api.call("PATCH", `/RI/rci/messagingServices/${known.get("facebook")}`, { name: "Shop, renamed" }),
	},
	{
		name: "a secret is rotated",
		together: ["messaging_services", "authentications", ...audited],
		commitsMax: 1,
		async act({ api, known }) {
			const path = `/RI/rci/messagingServices/${known.get("facebook")}`;
			const { authentications } = await api.call<{ authentications: { id: string }[] }>("GET", path);
			await api.call("PATCH", `${path}/authentications/${authentications[0]?.id}`, { password: "next-page-token" });
		},
	},
	{
		name: "a send that is taken",
		together: ["messages", "outbox", "events"],
		commitsMax: 3,
		async act(stage) {
			stage.simulator.manners = { ...stage.simulator.manners, receipts: [] };
			await send(stage, "taken");
		},
	},
	{
		name: "a send with an idempotency key",
		together: ["messages", "outbox", "events", "idempotency"],
		commitsMax: 3,
		act: (stage) => send(stage, "keyed", { "idempotency-key": "crash-point-1" }),
	},
	{
		name: "a send that is refused",
		together: ["messages", "outbox", "events"],
		commitsMax: 3,
		async act(stage) {
			stage.simulator.script = [{ kind: "answer", status: 400, body: '{"error":{"code":400,"message":"no"}}' }];
			await send(stage, "refused");
		},
	},
	{
		name: "a send with delivery reports",
		together: ["messages", "outbox", "events"],
		commitsMax: 9,
		async act(stage) {
			stage.simulator.manners = { ...stage.simulator.manners, receipts: ["delivered", "read"] };
			await send(stage, "reported");
		},
	},
	{
		name: "a user is made",
		together: ["users", ...audited],
		commitsMax: 1,
		async act({ api, known }) {
			const person = { firstName: "Ann", surname: "Agent", login: "ann", password: administrator.password };
			known.set("user", (await api.call<{ id: string }>("POST", "/RI/rci/users", person)).id);
		},
	},
	{
		name: "rights are given",
		together: ["grants", ...audited],
		commitsMax: 1,
		act: ({ api, known, service }) =>
			api.call("PUT", `/RI/rci/users/${known.get("user")}/rights`, [
				{ objectType: "messagingService", objectId: service.id, access: ["view", "use"] },
			]),
	},
	{
		name: "an API token is made",
		together: ["api_tokens", ...audited],
		commitsMax: 1,
		act: ({ api }) => api.call("POST", "/RI/rci/apiTokens", { name: "robot" }),
	},
	{
		name: "a logon that fails",
		together: ["logon_failures"],
		commitsMax: 2,
		async act({ api }) {
			const stranger = apiAt(api.origin, { login: "ann", password: "wrong" });
			assert.equal((await stranger.ask("GET", "/RI/rci/me")).status, 401);
		},
	},
	{
		name: "a conversation is closed",
		together: ["conversations", "events", ...audited],
		commitsMax: 2,
		async act({ api }) {
			const [first] = await api.call<{ id: string }[]>("GET", "/RI/cmi/conversations?limit=1");
			await api.call("PATCH", `/RI/cmi/conversations/${first?.id}`, { state: "closed" });
		},
	},
];
