// A stand-in for Sinch SMS: takes what the batches of the REST API and the older `/sendsms` would take, and reports to the
// address that each message names. Credentials and signatures are as the account manager has set them: HTTP Basic on
// calls to the callback URL of the service plan only, HMAC on all of them when it is switched on.

import { createHmac } from "node:crypto";
import type { Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator, type HttpUser } from "./hosted-simulator.ts";
import {
	type HeardRequest,
	type HttpReply,
	jsonReply,
	type Judgement,
	SimulatorHost,
	type Taken,
	type WebhookAnswer,
} from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
	WebhookManners,
} from "./simulator.ts";
import {
	type BasicAccount,
	basicPath,
	basicRefusal,
	type BasicSend,
	filled,
	plainReply,
	readBasicSend,
} from "./sinchsms-basic-api.ts";
import {
	accountRefusal,
	bareNumber,
	type Batch,
	checkBatch,
	dryRunPath,
	dryRunReply,
	errorReply,
	listReply,
	planRefusal,
	toResource,
	wellSetUp,
	type XmsAccount,
	type XmsPlan,
	type XmsRefusal,
} from "./sinchsms-batches-api.ts";

export type SinchSmsSimulator = Simulator & {
	/** The same account at the older API. */
	readonly basicAccount: SimulatedAccount;
	/** Which API contacts' messages come through. */
	speaks: "xms" | "basic";
	/** HMAC for the service plan; undefined switches it off. */
	signingSecret: string | undefined;
	/** How the service plan, and the account behind it, are set up. */
	plan: XmsPlan;
	/** What one resource answers in place of what it would. */
	answers: Partial<Record<"batches" | "dryRun" | "sendsms", HttpReply>>;
	/** One callback to the callback URL of the service plan, for what nobody sends by hand. */
	tell(callback: Readonly<Record<string, unknown>>): Promise<SentWebhook>;
};

type Fields = Readonly<Record<string, unknown>>;
type ReceiptKind = WebhookManners["receipts"][number];

/** Port 0 (the default) takes a free one. */
export async function startSinchSmsSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<SinchSmsSimulator> {
	return new SmsApi(await SimulatorHost.open(deps, options.port));
}

class SmsApi extends HostedSimulator implements SinchSmsSimulator {
	readonly type = "sinchsms";
	readonly account: SimulatedAccount;
	readonly basicAccount: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	speaks: "xms" | "basic" = "xms";
	signingSecret: string | undefined;
	plan: XmsPlan = wellSetUp;
	answers: SinchSmsSimulator["answers"] = {};
	readonly #xms: XmsAccount;
	readonly #basic: BasicAccount;
	readonly #log: Batch[] = [];

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#xms = { planId: hex(random), apiToken: hex(random) };
		this.#basic = { username: `clx${hex(random).slice(0, 8)}`, password: hex(random) };
		const ourAddress = `+4477009${String(Math.floor(random.fraction() * 100_000)).padStart(5, "0")}`;
		const shared = { serviceConnection: host.origin, ourAddress };
		this.account = {
			...shared,
			authentications: [{ authenticationId: this.#xms.planId, password: this.#xms.apiToken }],
			settings: {},
		};
		this.basicAccount = {
			...shared,
			authentications: [{ authenticationId: this.#basic.username, password: this.#basic.password }],
			settings: { mode: "basic" },
		};
		host.serve({
			sends: (method, path) => path === basicPath || (method === "POST" && path.endsWith("/batches")),
			judge: (request) => this.#judge(request),
		});
	}

	contactWrites({ from, text, mediaUrls = [], remoteId }: ContactMessage): Promise<SentWebhook> {
		const id = remoteId ?? newId(this.host.deps.random);
		const sides = { from: bareNumber(from), to: bareNumber(this.account.ourAddress) };
		if (this.speaks === "basic") {
			return this.#tellBasic({ ...sides, text });
		}
		const receivedAt = this.host.deps.clock.now().toISOString();
		const envelope = { id, ...sides, operator_id: "23410", sent_at: receivedAt, received_at: receivedAt };
		const media = mediaUrls.map((url) => ({ url, code: 0, content_type: "image/jpeg", status: "Uploaded" }));
		return this.tell(
			media.length === 0
				? { type: "mo_text", ...envelope, body: text }
				: { type: "mo_media", ...envelope, body: { subject: "", message: text, media } },
		);
	}

	tell(callback: Fields): Promise<SentWebhook> {
		const { url, httpUser } = this.pointed();
		const what = { kind: "message", remoteId: typeof callback["id"] === "string" ? callback["id"] : "" } as const;
		return this.host.deliver(what, () => this.#post(url, callback, httpUser));
	}

	#judge(request: HeardRequest): Judgement {
		const isBasic = request.path === basicPath;
		const resource = isBasic ? "sendsms" : request.path.endsWith("/dry_run") ? "dryRun" : "batches";
		const instead = this.answers[resource];
		if (instead !== undefined) {
			return { ok: true, take: () => ({ reply: instead }) };
		}
		return isBasic ? this.#judgeBasic(request) : this.#judgeXms(request);
	}

	#judgeXms(request: HeardRequest): Judgement {
		const stranger = accountRefusal(request, this.#xms, this.plan);
		if (stranger !== undefined) {
			return refused(stranger);
		}
		const now = this.host.deps.clock.now();
		const isDryRun = request.path === dryRunPath(this.#xms);
		if (request.method === "GET" && !isDryRun) {
			return { ok: true, take: () => ({ reply: listReply(request.query, this.#log, now) }) };
		}
		if (request.method !== "POST") {
			return refused({ status: 405, text: `There is no ${request.method} of batches.` });
		}
		const checked = checkBatch(request, now);
		if (!checked.ok) {
			return refused(checked.refusal);
		}
		const refusal = planRefusal(checked.batch, this.plan);
		if (refusal !== undefined) {
			return refused(refusal);
		}
		return { ok: true, take: () => (isDryRun ? { reply: dryRunReply() } : this.#take(checked.batch)) };
	}

	#take(checked: Omit<Batch, "id" | "at">): Taken {
		const { clock, random } = this.host.deps;
		const batch = { ...checked, id: newId(random), at: clock.now() };
		this.#log.push(batch);
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(batch.clientReference ?? "")?.[1];
		this.taken.push({ remoteId: batch.id, attemptId, to: batch.to, text: batch.body, at: batch.at });
		return { reply: jsonReply(201, toResource(batch)), receipts: () => this.#report(batch) };
	}

	/** A batch is reported once, when everything is final; a recipient as often as was asked for. */
	async #report(batch: Batch): Promise<void> {
		const isBatch = ["summary", "full"].includes(batch.deliveryReport);
		const due = this.host.dueReceipts().filter((kind) => kind !== "read");
		const onlyFinal = isBatch || batch.deliveryReport === "per_recipient_final";
		const { url, httpUser } =
			batch.callbackUrl === undefined ? this.pointed() : { url: batch.callbackUrl, httpUser: undefined };
		for (const kind of batch.deliveryReport === "none" ? [] : due.filter((each) => !onlyFinal || each !== "sent")) {
			const report = isBatch ? batchReport(batch, kind) : recipientReport(batch, kind, this.host.deps.clock.now());
			const what = { kind: "receipt", remoteId: batch.id } as const;
			await this.host.deliver(what, () => this.#post(url, report, httpUser));
		}
	}

	#post(url: string, callback: Fields, httpUser: HttpUser | undefined): Promise<WebhookAnswer> {
		const body = JSON.stringify(callback);
		const headers = {
			"content-type": "application/json",
			...credentialsOf(httpUser),
			...this.#signature(body),
		};
		return this.host.call({ method: "POST", url, headers, body });
	}

	#signature(body: string): Readonly<Record<string, string>> {
		if (this.signingSecret === undefined) {
			return {};
		}
		const { clock, random } = this.host.deps;
		const [nonce, timestamp] = [newId(random), String(Math.floor(clock.now().getTime() / 1000))];
		const mac = createHmac("sha256", this.signingSecret).update(`${body}.${nonce}.${timestamp}`, "utf8");
		return {
			"x-sinch-webhook-signature": mac.digest("base64"),
			"x-sinch-webhook-signature-nonce": nonce,
			"x-sinch-webhook-signature-timestamp": timestamp,
			"x-sinch-webhook-signature-algorithm": "HmacSHA256",
		};
	}

	#judgeBasic(request: HeardRequest): Judgement {
		const refusal = basicRefusal(request, this.#basic, this.plan.isBlocked);
		if (refusal !== undefined) {
			const { status, words } = refusal;
			return { ok: false, reply: plainReply(status, words), reason: `${status} ${words}` };
		}
		return { ok: true, take: () => this.#takeBasic(readBasicSend(request)) };
	}

	#takeBasic(send: BasicSend): Taken {
		const { clock, random } = this.host.deps;
		const remoteId = hex(random);
		const attemptId = /^[A-F0-9]{32}$/.test(send.id) ? send.id : undefined;
		this.taken.push({ remoteId, attemptId, to: send.to, text: send.text, at: clock.now() });
		return { reply: plainReply(202, remoteId), receipts: () => this.#reportBasic(send, remoteId) };
	}

	async #reportBasic({ dlrUrl, dlrMask, from, to, id }: BasicSend, remoteId: string): Promise<void> {
		for (const kind of this.host.dueReceipts()) {
			const [type, state, error] = basicReports[kind] ?? [0, "", ""];
			if (dlrUrl !== undefined && (dlrMask & type) !== 0) {
				const url = filled(dlrUrl, { d: String(type), s: state, e: error, i: remoteId, I: id, p: from, P: to });
				const what = { kind: "receipt", remoteId } as const;
				await this.host.deliver(what, () => this.host.call({ method: "GET", url, headers: {} }));
			}
		}
	}

	/** The address that an administrator gave Sinch for messages of contacts, with the HTTP user in it. */
	#tellBasic({ from, to, text }: { from: string; to: string; text: string }): Promise<SentWebhook> {
		const { url, httpUser } = this.pointed();
		const time = String(Math.floor(this.host.deps.clock.now().getTime() / 1000));
		const address = filled(`${url}?from=%P&to=%p&time=%T&udh=%u&text=%A`, { P: from, p: to, T: time, u: "", A: text });
		const headers: Record<string, string> = credentialsOf(httpUser);
		const what = { kind: "message", remoteId: "" } as const;
		return this.host.deliver(what, () => this.host.call({ method: "GET", url: address, headers }));
	}
}

function refused(refusal: XmsRefusal): Judgement {
	const { status, code, text } = refusal;
	return { ok: false, reply: errorReply(refusal), reason: `${status} ${code ?? ""} ${text}` };
}

const states: Readonly<Record<ReceiptKind, { status: string; code: number }>> = {
	sent: { status: "Dispatched", code: 401 },
	delivered: { status: "Delivered", code: 0 },
	read: { status: "Delivered", code: 0 },
	failed: { status: "Failed", code: 153 },
};

const basicReports: Readonly<Partial<Record<ReceiptKind, readonly [type: number, state: string, error: string]>>> = {
	sent: [8, "ENROUTE", "000"],
	delivered: [1, "DELIVRD", "000"],
	failed: [2, "UNDELIV", "153"],
};

function recipientReport(batch: Batch, kind: ReceiptKind, now: Date): Fields {
	return {
		type: "recipient_delivery_report_sms",
		batch_id: batch.id,
		recipient: bareNumber(batch.to),
		...states[kind],
		at: now.toISOString(),
		operator_status_at: now.toISOString(),
		...(batch.clientReference === undefined ? {} : { client_reference: batch.clientReference }),
	};
}

function batchReport(batch: Batch, kind: ReceiptKind): Fields {
	const recipients = batch.deliveryReport === "full" ? { recipients: [bareNumber(batch.to)] } : {};
	return {
		type: "delivery_report_sms",
		batch_id: batch.id,
		total_message_count: 1,
		statuses: [{ ...states[kind], count: 1, ...recipients }],
		...(batch.clientReference === undefined ? {} : { client_reference: batch.clientReference }),
	};
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

/** 26 capital letters and digits, as Sinch makes them. */
function newId(random: Random): string {
	return `01${hex(random).slice(0, 24).toUpperCase()}`;
}
