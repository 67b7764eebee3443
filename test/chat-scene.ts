// A stage for tests of the Chat Server: a running Parley with a queue, agents and visitors at real sockets, who see what
// the protocol tells them.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { WebSocket } from "ws";
import { type Api, apiAt, type InProcess, startParley, until } from "./parley.ts";

export type Transaction = { method: string; uri: string; subscribed_resource: unknown };
export type ChatFrame = {
	client_req_id?: string;
	status_code?: number;
	sessionid?: string;
	body?: { transactions?: Transaction[] } & Record<string, unknown>;
};

/** Somebody at a socket who subscribed to what there is. */
export type Peer = {
	id: string;
	cookie: string;
	ws: WebSocket;
	/** Every transaction told, in order. */
	told: Transaction[];
	ask(method: string, uri: string, body?: unknown): Promise<ChatFrame>;
	/** Asks, and demands the status 200. */
	demand(method: string, uri: string, body?: unknown): Promise<ChatFrame>;
	/** The first transaction that fits, told already or soon. */
	hear(fits: (transaction: Transaction) => boolean, what?: string): Promise<Transaction>;
	/** Texts of the messages told so far, in order. */
	texts(): string[];
	close(): Promise<void>;
};

export type Person = { id: string; login: string; password: string };

const password = "a long enough password 1";

export async function addPerson(
	api: Api,
	login: string,
	rights: readonly { objectType: string; objectId: string | null; access: string[] }[],
): Promise<Person> {
	await api.call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	const [firstName = login] = login.split("@");
	const user = await api.call<{ id: string }>("POST", "/RI/rci/users", {
		firstName,
		surname: "Agent",
		login,
		password,
	});
	await api.call("PUT", `/RI/rci/users/${user.id}/rights`, rights);
	return { id: user.id, login, password };
}

export async function logInAgent(
	origin: string,
	{ login, password: secret }: Person,
): Promise<{ id: string; cookie: string }> {
	const answer = await fetch(`${origin}/ecfs/authentication`, {
		method: "POST",
		headers: { authorization: "ECFAUTH", "content-type": "application/x-www-form-urlencoded" },
		body: `Authorization=${encodeURIComponent(`Basic ${Buffer.from(`${login}:${secret}`).toString("base64")}`)}`,
	});
	assert.equal(answer.status, 200, await answer.clone().text());
	return readLogIn(answer);
}

export async function visit(origin: string): Promise<{ id: string; cookie: string }> {
	const answer = await fetch(`${origin}/visitor/ecfs/authentication`, {
		method: "POST",
		headers: { authorization: "Anonymous" },
	});
	assert.equal(answer.status, 200, await answer.clone().text());
	return readLogIn(answer);
}

async function readLogIn(answer: Response): Promise<{ id: string; cookie: string }> {
	const { id } = (await answer.json()) as { id: string };
	const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
	return { id, cookie };
}

export async function openPeer(
	t: Pick<TestContext, "after">,
	origin: string,
	who: { id: string; cookie: string; side?: "visitor" },
): Promise<Peer> {
	const path = `${who.side === "visitor" ? "/visitor" : ""}/ecfs/ws_endpoint/`;
	const ws = new WebSocket(`${origin.replace("http", "ws")}${path}`, { headers: { cookie: who.cookie } });
	const told: Transaction[] = [];
	const answers = new Map<string, (frame: ChatFrame) => void>();
	let number = 0;
	ws.on("message", (bytes: Buffer) => {
		const frame = JSON.parse(bytes.toString()) as ChatFrame;
		told.push(...(frame.body?.transactions ?? []));
		answers.get(frame.client_req_id ?? "")?.(frame);
	});
	ws.on("error", () => undefined);
	ws.setMaxListeners(0); // Each request that waits for its answer listens for the end.
	await once(ws, "open");
	t.after(() => ws.terminate());
	const ask: Peer["ask"] = (method, uri, body) =>
		new Promise((resolve, reject) => {
			if (ws.readyState !== ws.OPEN) {
				reject(new Error(`The socket was closed before ${method} ${uri} was asked.`));
				return;
			}
			number += 1;
			const client_req_id = `q${number}`;
			answers.set(client_req_id, resolve);
			ws.once("close", () => reject(new Error(`The socket closed before ${method} ${uri} was answered.`)));
			ws.send(
				JSON.stringify({ client_req_id, method, uri: `/users/me${uri}`, ...(body === undefined ? {} : { body }) }),
			);
		});
	const peer: Peer = {
		...who,
		ws,
		told,
		ask,
		async demand(method, uri, body) {
			const frame = await ask(method, uri, body);
			assert.equal(frame.status_code, 200, `${method} ${uri}: ${JSON.stringify(frame)}`);
			return frame;
		},
		hear: (fits, what = "a transaction") => until(() => told.find(fits), `${who.id} hears ${what}`),
		texts: () =>
			told
				.filter(({ method, uri }) => method === "POST" && uri.includes("/transcript/messages/"))
				.map(({ subscribed_resource }) => subscribed_resource as { type: string; message: string })
				.filter(({ type }) => type === "text")
				.map(({ message }) => message),
		async close() {
			const closed = once(ws, "close");
			ws.close();
			await closed;
		},
	};
	for (const uri of ["/properties", "/interactions", ...(who.side === "visitor" ? [] : ["/queues"])]) {
		await peer.demand("SUBSCRIBE", uri);
	}
	return peer;
}

export type ChatStage = InProcess & {
	queueId: string;
	/** An agent who may serve the queue. */
	agent(login: string): Promise<Person>;
};

/** A queue `Support` with the address `support@desk.test`. */
export async function chatStage(
	t: TestContext,
	queue: Readonly<Record<string, unknown>> = {},
	options: Parameters<typeof startParley>[1] = {},
): Promise<ChatStage> {
	const parley = await startParley(t, options);
	const made = await parley.call<{ id: string }>("POST", "/RI/rci/queues", {
		name: "Support",
		addresses: ["support@desk.test"],
		...queue,
	});
	return {
		...parley,
		queueId: made.id,
		agent: (login) => addPerson(parley, login, [{ objectType: "queue", objectId: made.id, access: ["serve"] }]),
	};
}

export const appears = (status: string) => (one: Transaction) =>
	one.method === "POST" &&
	/^\/users\/me\/interactions\/[A-F0-9]{32}$/.test(one.uri) &&
	(one.subscribed_resource as { status: string }).status === status;

export const idIn = ({ uri }: Transaction): string => uri.split("/")[4] ?? "";

export const leaf = (name: string, value: unknown) => (one: Transaction) =>
	one.method === "PUT" && one.uri.endsWith(`/${name}`) && one.subscribed_resource === value;

export { apiAt, until };
