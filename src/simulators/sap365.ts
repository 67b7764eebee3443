// A stand-in for SAP SMS 365 and Live Link 365: takes what either interface would take, refuses the rest in its own words,
// sends notifications to the address that each message names, and messages of contacts to the one that was entered, with
// the HTTP user where it was given one. What nobody documents it does in each of the ways that have been seen.

import type { Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator } from "./hosted-simulator.ts";
import {
	basicAuthorization,
	type HeardRequest,
	type HttpReply,
	jsonReply,
	type Judgement,
	SimulatorHost,
	type Taken,
	type WebhookAnswer,
	type WebhookCall,
} from "./kit.ts";
import {
	acknowledgement,
	type Habits,
	jsonMessage,
	notification,
	usualHabits,
	xmlMessage,
} from "./sap365-callbacks.ts";
import {
	type ApiRefusal,
	type AppKey,
	readOrder,
	refusalReply,
	smsPath,
	tokenLifeMs,
	tokenPath,
	tokenRefusal,
} from "./sap365-live-link-api.ts";
import {
	page,
	partsOf,
	type PushAccount,
	pushPath,
	type PushRefusal,
	readSubmission,
	refusalPage,
	type Submission,
} from "./sap365-push-api.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";

export type Sap365Simulator = Simulator & {
	habits: Habits;
	/** An app of the same customer at Live Link 365. */
	readonly appAccount: SimulatedAccount;
	/** What one resource answers in place of what it would. */
	answers: Partial<Record<Sap365Resource, HttpReply>>;
	/** Forgets every token that it gave away. */
	revokeTokens(): void;
};

export type Sap365Resource = "push" | "token" | "sms";

type Mode = "push" | "json";

/** Port 0 (the default) takes a free one. */
export async function startSap365Simulator(
	deps: SimulatorDeps,
	options: { port?: number; mode?: Mode } = {},
): Promise<Sap365Simulator> {
	return new Sap(await SimulatorHost.open(deps, options.port), options.mode ?? "push");
}

class Sap extends HostedSimulator implements Sap365Simulator {
	readonly type = "sap365";
	readonly account: SimulatedAccount;
	readonly appAccount: SimulatedAccount;
	answers: Sap365Simulator["answers"] = {};
	readonly taken: TakenMessage[] = [];
	habits: Habits = usualHabits;
	readonly #mode: Mode;
	readonly #push: PushAccount;
	readonly #app: AppKey;
	readonly #tokens = new Map<string, number>();

	constructor(host: SimulatorHost, mode: Mode) {
		super(host);
		const { random } = host.deps;
		this.#mode = mode;
		this.#push = { name: `acct_${hex(random).slice(0, 8)}`, password: hex(random) };
		this.#app = { key: hex(random), secret: hex(random) };
		const ourAddress = `+4477009${String(Math.floor(random.fraction() * 100_000)).padStart(5, "0")}`;
		this.appAccount = {
			serviceConnection: `${host.origin}/api`,
			authenticationUrl: host.origin + tokenPath,
			authentications: [{ authenticationId: this.#app.key, password: this.#app.secret }],
			settings: { mode: "json" },
			ourAddress,
		};
		const pushAccount = {
			serviceConnection: `${host.origin}/cmn`,
			authentications: [{ authenticationId: this.#push.name, password: this.#push.password }],
			settings: {},
			ourAddress,
		};
		this.account = mode === "push" ? pushAccount : this.appAccount;
		host.serve({
			sends: (method, path) => method === "POST" && (path === smsPath || path.endsWith(".sms")),
			judge: (request) => this.#judge(request),
		});
	}

	revokeTokens(): void {
		this.#tokens.clear();
	}

	contactWrites({ from, text, remoteId }: ContactMessage): Promise<SentWebhook> {
		const id = remoteId ?? newId(this.host.deps.random);
		const arrival = { from, to: this.account.ourAddress, text, id, at: this.host.deps.clock.now() };
		const answered = newId(this.host.deps.random);
		const url = this.pointed().url;
		const call =
			this.#mode === "push"
				? xmlMessage(arrival, url, this.habits)
				: jsonMessage({ ...arrival, answered }, url, this.habits);
		return this.host.deliver({ kind: "message", remoteId: id }, () => this.#call(call));
	}

	#judge(request: HeardRequest): Judgement {
		const isApi = request.path.startsWith("/api/");
		const instead = this.answers[isApi ? (request.path === tokenPath ? "token" : "sms") : "push"];
		if (instead !== undefined && request.method === "POST") {
			return { ok: true, take: () => ({ reply: instead }) };
		}
		return isApi ? this.#judgeApi(request) : this.#judgePush(request);
	}

	#judgePush(request: HeardRequest): Judgement {
		if (request.method !== "POST" || request.path !== pushPath(this.#push)) {
			const reason = `404 There is no ${request.method} ${request.path}`;
			return { ok: false, reply: { status: 404, body: "" }, reason };
		}
		const { name, password } = this.#push;
		if (request.headers.authorization !== basicAuthorization({ login: name, password })) {
			return refusedPush({ code: "600F", words: "Authentication failure" });
		}
		const submission = readSubmission(request, this.habits.expects);
		return "code" in submission
			? refusedPush(submission)
			: {
					ok: true,
					take: () => this.#take(submission, (ids) => page(200, "#Message Receive correctly", ...ids.map(orderLine))),
				};
	}

	#judgeApi(request: HeardRequest): Judgement {
		if (request.method === "POST" && request.path === tokenPath) {
			const refusal = tokenRefusal(request, this.#app);
			return refusal === undefined ? { ok: true, take: () => this.#giveToken() } : refusedApi(refusal);
		}
		if (request.method !== "POST" || request.path !== smsPath) {
			return refusedApi({ status: 404, words: `There is no ${request.method} ${request.path}` });
		}
		const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
		if ((this.#tokens.get(token) ?? 0) <= this.host.deps.clock.now().getTime()) {
			return refusedApi({ status: 401, words: "The token is unknown or too old" });
		}
		const order = readOrder(request);
		return "words" in order
			? refusedApi(order)
			: { ok: true, take: () => this.#take(order, (ids) => this.#orderReply(order.to, ids)) };
	}

	#giveToken(): Taken {
		const { clock, random } = this.host.deps;
		const token = hex(random);
		this.#tokens.set(token, clock.now().getTime() + tokenLifeMs);
		const life = { expires_in: tokenLifeMs, refresh_token: hex(random), refresh_expires_in: 3_600_000 };
		return { reply: jsonReply(200, { access_token: token, token_type: "Bearer", ...life, scope: "livelink:api" }) };
	}

	#orderReply(to: string, ids: readonly string[]) {
		const status = this.habits.takes;
		const httpStatusCode = status === 201 ? "201 Created" : "200 OK";
		return jsonReply(status, { httpStatusCode, livelinkOrderIds: [{ destination: [to], livelinkOrderId: ids }] });
	}

	#take(submission: Submission, reply: (ids: readonly string[]) => Taken["reply"]): Taken {
		const { clock, random } = this.host.deps;
		const ids = Array.from({ length: partsOf(submission.text) }, () => newId(random));
		const [remoteId = ""] = ids;
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(submission.subject)?.[1];
		this.taken.push({ remoteId, attemptId, to: submission.to, text: submission.text, at: clock.now() });
		return { reply: reply(ids), receipts: () => this.#report(submission, ids) };
	}

	async #report(submission: Submission, ids: readonly string[]): Promise<void> {
		const due = this.host.dueReceipts().filter((kind) => kind !== "read");
		for (const kind of submission.reports === "none" ? [] : due) {
			for (const [index, id] of (submission.reports === "order" ? ids.slice(0, 1) : ids).entries()) {
				const told = { id, part: index + 1, kind, submission, at: this.host.deps.clock.now() };
				const url = submission.replyAddress ?? this.pointed().url;
				const call = this.#mode === "push" ? notification(told, url, this.habits) : acknowledgement(told, url);
				await this.host.deliver({ kind: "receipt", remoteId: id }, () => this.#call(call));
			}
		}
	}

	/** The HTTP user belongs to the address that was entered; one that a message named is called as it is. */
	#call(call: WebhookCall): Promise<WebhookAnswer> {
		const httpUser = call.url.includes("proof=") ? undefined : this.webhook?.httpUser;
		return this.host.call({ ...call, headers: { ...call.headers, ...credentialsOf(httpUser) } });
	}
}

function orderLine(id: string): string {
	return `ORDERID=${id}`;
}

function refusedPush(refusal: PushRefusal): Judgement {
	return { ok: false, reply: refusalPage(refusal), reason: `${refusal.code} ${refusal.words}` };
}

function refusedApi(refusal: ApiRefusal): Judgement {
	return { ok: false, reply: refusalReply(refusal), reason: `${refusal.status} ${refusal.words}` };
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

/** Ten digits, as in what has been seen. */
function newId(random: Random): string {
	return `1${String(Math.floor(random.fraction() * 1_000_000_000)).padStart(9, "0")}`;
}
