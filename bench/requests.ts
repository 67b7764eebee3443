// The requests of a load as bytes, made and signed before the clock starts, each one unique: webhooks as Meta sends them,
// or calls of ours that send a message.

import { createHmac } from "node:crypto";

/** One messaging service, as a webhook's receiver and as a sender. */
export type Target = { serviceId: string; path: string; pageId: string; appSecret: string };

export type RequestPlan = {
	kind: "webhook" | "send" | "echo";
	host: string;
	targets: readonly [Target, ...Target[]];
	/** Of the API, for `send`. */
	token: string;
	/** Contacts that write, or are written to; number n belongs to target n mod targets. */
	contacts: number;
	/** Part of every message's id: no two loads on one database may have the same. */
	series: string;
};

/** Plain calls of a URL in which `{contact}` and `{number}` are filled in. */
export type GetPlan = { kind: "get"; host: string; path: string; contacts: number };

export type Requests = {
	next(): Buffer;
	/** How many had to be made while the load ran, since more were needed than prepared. */
	late(): number;
};

const bodyBytes = 600;
const filler = "The parcel was to be here on Tuesday and nobody knows where it is. ".repeat(12);

/** @param count how many to prepare; an echo needs no new ones and repeats them */
export function prepareRequests(plan: RequestPlan | GetPlan, count: number): Requests {
	const prepared = Array.from({ length: count }, (_, number) => toBytes(plan, number));
	let used = 0;
	return {
		next() {
			const number = used;
			used += 1;
			const ready = prepared[plan.kind === "echo" ? number % count : number];
			if (ready === undefined) {
				return toBytes(plan, number);
			}
			if (plan.kind !== "echo") {
				prepared[number] = spent; // A million requests must not stay in memory.
			}
			return ready;
		},
		late: () => (plan.kind === "echo" ? 0 : Math.max(0, used - count)),
	};
}

const spent = Buffer.alloc(0);
const firstContact = 1_000_000_000_000;

/** Thirteen digits, so that copies of a row can have contacts of their own by adding to the number. */
export function contactAddress(number: number): string {
	return String(firstContact + number);
}

function toBytes(plan: RequestPlan | GetPlan, number: number): Buffer {
	const contact = number % plan.contacts;
	if (plan.kind === "get") {
		const path = plan.path.replace("{contact}", contactAddress(contact)).replace("{number}", String(number));
		return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${plan.host}\r\n\r\n`);
	}
	const target = plan.targets[contact % plan.targets.length] ?? plan.targets[0];
	return plan.kind === "send" ? sendBytes(plan, target, number, contact) : webhookBytes(plan, target, number, contact);
}

function webhookBytes(plan: RequestPlan, target: Target, number: number, contact: number): Buffer {
	const at = Date.now();
	const update = (text: string) => ({
		sender: { id: contactAddress(contact) },
		recipient: { id: target.pageId },
		timestamp: at,
		message: { mid: `m_${plan.series}_${number}`, text },
	});
	const toBody = (text: string) =>
		JSON.stringify({ object: "page", entry: [{ id: target.pageId, time: at, messaging: [update(text)] }] });
	const body = filledUp(toBody);
	const signature = createHmac("sha256", target.appSecret).update(body).digest("hex");
	const path = plan.kind === "echo" ? "/echo" : target.path;
	return post(plan.host, path, [`x-hub-signature-256: sha256=${signature}`], body);
}

function sendBytes(plan: RequestPlan, target: Target, number: number, contact: number): Buffer {
	const text = `Answer ${plan.series}-${number}: it will be with you tomorrow before noon.`;
	const body = JSON.stringify({ service: target.serviceId, to: contactAddress(contact), text });
	return post(plan.host, "/RI/cmi/messages", [`authorization: Bearer ${plan.token}`], body);
}

function filledUp(toBody: (text: string) => string): string {
	const missing = bodyBytes - toBody("").length;
	return toBody(filler.slice(0, missing));
}

function post(host: string, path: string, headers: readonly string[], body: string): Buffer {
	const common = [`host: ${host}`, "content-type: application/json", "accept: application/json"];
	const length = `content-length: ${Buffer.byteLength(body)}`;
	return Buffer.from([`POST ${path} HTTP/1.1`, ...common, ...headers, length, "", body].join("\r\n"));
}
