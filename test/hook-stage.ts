// A stage for tests of event webhooks: a database with a messaging service, an owner with rights, and a way out whose answers
// the test chooses.

import type { UserId } from "#domain/ids.ts";
import type { Grant } from "#domain/rights.ts";
import type { HookDeps } from "#hooks/deps.ts";
import { silentLog } from "#platform/log.ts";
import type { OutgoingAnswer, OutgoingCall } from "#platform/safe-request.ts";
import { secretBox } from "#platform/secret-box.ts";
import { type DeliveryClaim, claimDelivery, type EventDelivery, findDeliveries } from "#storage/event-deliveries.ts";
import { appendEvents, type LedgerEvent } from "#storage/events.ts";
import { insertSubscription, type SubscriptionFields } from "#storage/event-subscriptions.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertUser } from "#storage/people.ts";
import { noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { sealHeaders, sealSigningSecret } from "#storage/subscription-secrets.ts";
import { grantOf } from "./rci-stage.ts";
import { setStage, type Stage } from "./scene.ts";

export const signingSecret = `whsec_${Buffer.from("a secret of twenty-four b").toString("base64")}`;
export const receiverUrl = "https://hooks.example/parley?x=1";

export type HookStage = Stage & {
	deps: HookDeps;
	ownerId: string;
	/** Calls that went out, the newest at the end. */
	calls: OutgoingCall[];
	/** What the receiver answers from now on. */
	answer(next: (call: OutgoingCall) => OutgoingAnswer): void;
	/** Counted outcomes and raised alarms. */
	counted: string[];
	subscribe(over?: Partial<SubscriptionFields>, more?: Subscribed): Promise<string>;
	happen(over?: Partial<LedgerEvent>): Promise<void>;
	/** Newest first. */
	deliveries(subscriptionId: string): Promise<EventDelivery[]>;
	claim(subscriptionId: string): Promise<DeliveryClaim | undefined>;
};

type Subscribed = { ownerId?: string; headers?: Readonly<Record<string, string>> };

export function answered(status: number, body = "", headers: Record<string, string> = {}): OutgoingAnswer {
	return { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(body) };
}

export const leaseMs = 60_000;

export async function openHooks(storage: Storage): Promise<HookStage> {
	const stage = await setStage(storage);
	const { clock, ids, random } = stage;
	const calls: OutgoingCall[] = [];
	const counted: string[] = [];
	let next: (call: OutgoingCall) => OutgoingAnswer = () => answered(200);
	const deps: HookDeps = {
		...stage,
		signals: noSignals,
		log: silentLog,
		metrics: {
			eventDelivery: (outcome) => counted.push(outcome),
			alarm: (name, isOn) => isOn && counted.push(`alarm ${name}`),
		},
		box: secretBox(new Map([["d1", random.bytes(32)]]), "d1", random),
		wayOut: {
			request(call) {
				calls.push(call);
				return Promise.resolve(next(call));
			},
		},
		leaseMs,
	};
	const ownerId = await addOwner(stage, [grantOf("messagingService", ["messaging"])]);
	return {
		...stage,
		deps,
		ownerId,
		calls,
		counted,
		answer: (given) => (next = given),
		async subscribe(over = {}, { ownerId: owner = ownerId, headers = {} } = {}) {
			const id = ids.next<string>();
			const fields: SubscriptionFields = {
				name: id,
				url: receiverUrl,
				events: ["message.state", "chat.started"],
				serviceIds: [],
				queueIds: [],
				enabled: true,
				headerNames: Object.keys(headers),
				...over,
			};
			const sealed = {
				secret: sealSigningSecret(deps.box, id, signingSecret),
				headers: sealHeaders(deps.box, { id, url: fields.url }, headers),
			};
			const made = { id, ownerId: owner, fields, ...sealed, at: clock.now() };
			await storage.write((tx) => insertSubscription(tx, storage.dialect, made));
			return id;
		},
		async happen(over = {}) {
			const about = { serviceId: stage.serviceId, messageId: "M", conversationId: null, data: { to: "sent" } };
			const event: LedgerEvent = { at: clock.now(), type: "message.state", ...about, ...over };
			await storage.write((tx) => appendEvents(tx, [event]));
		},
		deliveries: (subscriptionId) => findDeliveries(storage.db, { subscriptionId }, { limit: 100 }),
		claim: (subscriptionId) => storage.write((tx) => claimDelivery(tx, subscriptionId, { now: clock.now(), leaseMs })),
	};
}

/** An enabled user with these rights. */
export async function addOwner(
	{ storage, ids, clock }: Pick<Stage, "storage" | "ids" | "clock">,
	grants: readonly Grant[],
): Promise<string> {
	const id = ids.next<UserId>();
	const none = { email: null, title: null, location: null, phone: null, uiLanguage: null, timeZone: null };
	const names = { firstName: "Ada", surname: "Owner", login: `owner-${id}`, externalId: null };
	const fields = { ...none, ...names, externalUser: false, enabled: true };
	await storage.write(async (tx) => {
		await insertUser(tx, { id, fields, password: { kind: "person", hash: "x" }, at: clock.now() });
		await replaceGrants(tx, { kind: "user", id }, grants, () => ids.next());
	});
	return id;
}
