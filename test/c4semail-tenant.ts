// A tenant of SAP Cloud for Customer in a few lines, for tests of polling: it takes the question apart, and can be told to
// misbehave.

import assert from "node:assert/strict";
import { parse } from "#connectors/c4semail/form.ts";
import { round } from "#connectors/c4semail/polling.ts";
import type { HttpAnswer, HttpCall, StoredService, Tools, UpkeepState } from "#connectors/contract.ts";
import type { ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, MessageEvent } from "#domain/messages.ts";

export const startMs = Date.parse("2026-11-24T12:00:00.000Z");
export const minuteMs = 60_000;

export const service: StoredService = {
	id: "1" as ServiceId,
	serviceConnection: "https://my123456.crm.ondemand.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: { mailbox: "Service@example.com" },
	authentications: [{ authenticationId: "_PARLEY", secrets: ["a secret word"] }],
};

export type Email = Record<string, unknown>;
export type Answer = {
	status?: number;
	body?: unknown;
	kind?: "too large" | "reset";
	headers?: Record<string, string>;
};

export function idOf(number: number): string {
	return number.toString(16).toUpperCase().padStart(32, "0");
}

export function email(number: number, changedMs: number, over: Email = {}): Email {
	return {
		ObjectID: idOf(number),
		ID: String(number),
		InitiatorCode: "2",
		Subject: `Subject ${number}`,
		FromEMailURI: "kim@example.com",
		EntityLastChangedOn: `/Date(${changedMs})/`,
		EMailNotes: { results: [{ TypeCode: "10002", Text: `<p>Text ${number}</p>` }] },
		...over,
	};
}

export class Tenant {
	nowMs = startMs;
	emails: Email[] = [];
	calls: HttpCall[] = [];
	/** Answers for collections other than e-mails; undefined: there is none. */
	beside: Record<string, Answer> = {};
	/** Stands in for the next answers about e-mails. */
	answer: ((query: URLSearchParams) => Answer | undefined) | undefined;
	state: UpkeepState = {};
	events: ChannelEvent[] = [];
	config = parse(service);

	get messages(): MessageEvent[] {
		return this.events.filter((event) => event.kind === "message");
	}

	/** One round, and the state goes on. */
	async round() {
		const tools: Tools = {
			http: (call) => Promise.resolve(this.#answer(call)),
			token: () => assert.fail("no tokens here"),
			dropToken: () => undefined,
			now: () => new Date(this.nowMs),
		};
		const before = structuredClone(this.state);
		const told = await round(this.state, this.config, { webhookUrl: "" }, tools);
		assert.deepEqual(this.state, before, "the state that was handed in");
		this.state = JSON.parse(JSON.stringify(told.state)) as UpkeepState;
		this.events.push(...told.findings.flatMap(({ events }) => events));
		return told;
	}

	#answer(call: HttpCall): HttpAnswer {
		this.calls.push(call);
		const { pathname, searchParams } = new URL(call.url);
		const collection = pathname.split("/").at(-1) ?? "";
		const given =
			collection === "EMailCollection"
				? (this.answer?.(searchParams) ?? this.#page(searchParams))
				: (this.beside[collection] ?? { body: { d: { results: [] } } });
		if (given.kind !== undefined) {
			return { kind: "unclear", why: given.kind };
		}
		const headers = new Headers({ date: new Date(this.nowMs).toUTCString(), ...given.headers });
		const body = new TextEncoder().encode(JSON.stringify(given.body ?? {}));
		return { kind: "answered", status: given.status ?? 200, headers, body };
	}

	#page(query: URLSearchParams): Answer {
		const from = /^EntityLastChangedOn ge datetimeoffset'(.{23})0000Z'$/.exec(query.get("$filter") ?? "")?.[1];
		const fromMs = Date.parse(`${from ?? ""}Z`);
		const changed = (one: Email) => Number(/\d+/.exec(String(one["EntityLastChangedOn"]))?.[0]);
		const found = this.emails
			.filter((one) => changed(one) >= fromMs)
			.toSorted((one, other) => changed(one) - changed(other));
		const skip = Number(query.get("$skip") ?? 0);
		return { body: { d: { results: found.slice(skip, skip + Number(query.get("$top"))) } } };
	}
}

export const keys = (tenant: Tenant) => tenant.messages.map(({ remoteId }) => Number.parseInt(remoteId, 16));
