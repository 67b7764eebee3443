// A stand-in for one tenant of SAP Cloud for Customer: e-mail activities, the tickets they belong to, its OData interface for
// one technical user, and the Event Notification that calls Parley when an e-mail changes. Property names are the proposed
// ones; what the notification's body looks like is what somebody's published program expects.

import { createHash } from "node:crypto";
import type { Random } from "#platform/random.ts";
import { type Collection, type Entity, listOf, type Note, type ODataRefusal, refusalReply } from "./c4semail-odata.ts";
import { credentialsOf, HostedSimulator } from "./hosted-simulator.ts";
import { basicAuthorization, type HeardRequest, jsonReply, type Judgement, SimulatorHost, type Taken } from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";

/** How the tenant is set up, for checks that find something wrong. */
export type TenantSetUp = {
	/** The whole service, and single collections, that the user may not use. */
	forbidden: Set<string>;
	/** Collections that the service does not have. */
	missing: Set<string>;
	/** Properties and navigation properties of e-mails that this tenant does not have. */
	lacks: Set<string>;
	/** What the tenant writes for an e-mail that came in. */
	inboundValue: string;
	/** Entries in one page, whatever is asked for. */
	pageSize: number;
	/** The user is no technical one: what changes something needs a token, with its cookie. */
	demandsToken: boolean;
	givesCookie: boolean;
};

export type C4sEmailSimulator = Simulator & {
	readonly setUp: TenantSetUp;
	/** An e-mail comes in or goes out, and nobody is told. Gives its ObjectID. */
	store(email: StoredEmail): string;
	/** The notification about an object, as it would come. */
	notify(objectId: string): Promise<SentWebhook>;
};
export type StoredEmail = {
	from: string;
	name?: string;
	text: string;
	subject?: string;
	to?: string;
	objectId?: string;
	direction?: string;
	/** Of one that is stored anew: when it was made; it stays what it was when the e-mail changes. */
	createdAt?: Date;
	changedAt?: Date;
	attachments?: readonly { name: string; mimeType: string }[];
	ticket?: string;
};

const root = "/sap/c4c/odata/v1/c4codataapi";
const emails = "EMailCollection";
const requests = "ServiceRequestCollection";
const references = "ServiceRequestBusinessTransactionDocumentReferenceCollection";
const attachments = "EMailAttachmentFolderCollection";

/** Port 0 (the default) takes a free one. */
export async function startC4sEmailSimulator(
	deps: SimulatorDeps,
	options: { port?: number } = {},
): Promise<C4sEmailSimulator> {
	return new Tenant(await SimulatorHost.open(deps, options.port));
}

class Tenant extends HostedSimulator implements C4sEmailSimulator {
	readonly type = "c4semail";
	override readonly somebody: string = "kim@example.com";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly setUp: TenantSetUp = {
		forbidden: new Set(),
		missing: new Set(),
		lacks: new Set(),
		inboundValue: "2",
		pageSize: 1000,
		demandsToken: false,
		givesCookie: true,
	};
	readonly #user: { login: string; password: string };
	readonly #entities = new Map<string, Entity[]>([emails, requests, references, attachments].map((name) => [name, []]));
	readonly #notes = new Map<string, readonly Note[]>();
	readonly #token: string;
	#number = 500;

	constructor(host: SimulatorHost) {
		super(host);
		const { random } = host.deps;
		this.#user = { login: "_PARLEY", password: hex(random) };
		this.#token = hex(random);
		this.account = {
			serviceConnection: host.origin + root,
			authentications: [{ authenticationId: this.#user.login, password: this.#user.password }],
			settings: { replyMode: "odata", mailbox: "service@example.com" },
			ourAddress: "service@example.com",
		};
		host.serve({
			sends: (method, path) => method === "POST" && path === `${root}/${emails}`,
			judge: (request) => this.#judge(request),
		});
	}

	async contactWrites({ from, text, name, mediaUrls = [], remoteId }: ContactMessage): Promise<SentWebhook> {
		const objectId = this.store({
			from,
			text,
			...(name === undefined ? {} : { name }),
			objectId: toObjectId(remoteId ?? hex(this.host.deps.random)),
			attachments: mediaUrls.map((url) => ({ name: url.split("/").at(-1) ?? url, mimeType: "image/jpeg" })),
			ticket: "5197",
		});
		return this.notify(objectId);
	}

	store(email: StoredEmail): string {
		const { random, clock } = this.host.deps;
		const objectId = email.objectId ?? toObjectId(hex(random));
		const number = String(this.#number++);
		const fields = {
			ObjectID: objectId,
			ID: number,
			Subject: email.subject ?? "A question",
			InitiatorCode: email.direction ?? this.setUp.inboundValue,
			FromEMailURI: email.from,
			FromName: email.name ?? "",
			ToEMailURI: email.to ?? "service@example.com",
			CreationDateTime: this.#createdAt(objectId, email),
			EntityLastChangedOn: email.changedAt ?? clock.now(),
		};
		this.#put(emails, fields);
		this.#notes.set(objectId, [{ TypeCode: "10002", Text: email.text }]);
		for (const { name, mimeType } of email.attachments ?? []) {
			this.#put(attachments, {
				ObjectID: toObjectId(hex(random)),
				ParentObjectID: objectId,
				Name: name,
				MimeType: mimeType,
			});
		}
		if (email.ticket !== undefined) {
			this.#link(number, email.ticket);
		}
		return objectId;
	}

	notify(objectId: string): Promise<SentWebhook> {
		const { url, httpUser } = this.pointed();
		const body = JSON.stringify({
			specversion: "0.3",
			type: "sap.crm.emailactivity.root.created.v1",
			source: this.origin,
			"event-id": hex(this.host.deps.random).toUpperCase(),
			"event-time": this.host.deps.clock.now().toISOString(),
			data: { "root-entity-id": objectId, "entity-id": objectId },
		});
		const headers = { "content-type": "application/json", ...credentialsOf(httpUser) };
		return this.host.deliver({ kind: "message", remoteId: objectId }, () =>
			this.host.call({ method: "POST", url, headers, body }),
		);
	}

	#createdAt(objectId: string, { createdAt, changedAt }: StoredEmail): Date | string {
		const before = this.#entities.get(emails)?.find(({ ObjectID }) => ObjectID === objectId);
		return before?.["CreationDateTime"] ?? createdAt ?? changedAt ?? this.host.deps.clock.now();
	}

	/** The same ObjectID again is the same e-mail, changed. */
	#put(collection: string, entity: Entity): void {
		const others = (this.#entities.get(collection) ?? []).filter(({ ObjectID }) => ObjectID !== entity.ObjectID);
		this.#entities.set(collection, [...others, entity]);
	}

	#link(number: string, ticket: string): void {
		const ticketId = toObjectId(`ticket ${ticket}`);
		this.#put(requests, { ObjectID: ticketId, ID: ticket });
		this.#put(references, {
			ObjectID: toObjectId(`reference ${number}`),
			ParentObjectID: ticketId,
			ID: number,
			TypeCode: "39",
		});
	}

	#judge(request: HeardRequest): Judgement {
		const { method, path, headers } = request;
		if (headers.authorization !== basicAuthorization(this.#user)) {
			return refused({ status: 401, words: "Logon failed" }, { "www-authenticate": 'Basic realm="SAP"' });
		}
		if (this.setUp.forbidden.has("")) {
			return refused({ status: 403, words: "Not authorised" });
		}
		if (path === `${root}/`) {
			return this.#serviceDocument(request);
		}
		const name = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : "";
		if (!this.#entities.has(name) || this.setUp.missing.has(name)) {
			return refused({ status: 404, words: `No service found for ${path}` });
		}
		if (this.setUp.forbidden.has(name)) {
			return refused({ status: 403, words: `Not authorised for ${name}` });
		}
		return method === "GET" ? this.#list(name, request) : this.#create(name, request);
	}

	#serviceDocument({ method, query, headers }: HeardRequest): Judgement {
		if (method !== "GET" || query.get("$format") !== "json") {
			return refused({ status: 400, words: "This is not how the service document is asked for" });
		}
		const sets = [...this.#entities.keys()].filter((name) => !this.setUp.missing.has(name));
		const isAsked = headers["x-csrf-token"] === "fetch" && this.setUp.demandsToken;
		const cookie = this.setUp.givesCookie ? { "set-cookie": `sap-XSRF=${this.#token}; path=/; secure; HttpOnly` } : {};
		const proof = isAsked ? { "x-csrf-token": this.#token, ...cookie } : {};
		return { ok: true, take: () => ({ reply: jsonReply(200, { d: { EntitySets: sets } }, proof) }) };
	}

	#list(name: string, { path, query }: HeardRequest): Judgement {
		const place = { origin: this.origin, path, name, pageSize: this.setUp.pageSize };
		const reply = listOf(this.#collection(name), query, place);
		return "words" in reply ? refused(reply) : { ok: true, take: () => ({ reply }) };
	}

	#collection(name: string): Collection {
		const { lacks } = this.setUp;
		const properties = (propertiesOf[name] ?? []).filter((property) => !lacks.has(property));
		return {
			properties: new Map(properties.map((property) => [property, times.has(property) ? "time" : "text"])),
			expands: name === emails && !lacks.has("EMailNotes") ? ["EMailNotes"] : [],
			entities: this.#entities.get(name) ?? [],
			expanded: ({ ObjectID }) => this.#notes.get(ObjectID) ?? [],
		};
	}

	#create(name: string, { method, headers, body }: HeardRequest): Judgement {
		if (method !== "POST" || name !== emails) {
			return refused({ status: 405, words: `${method} is not allowed for ${name}` });
		}
		const isProven =
			headers["x-csrf-token"] === this.#token && headers.cookie === `sap-XSRF=${this.#token}` && this.setUp.givesCookie;
		if (this.setUp.demandsToken && !isProven) {
			return refused({ status: 403, words: "CSRF token validation failed" }, { "x-csrf-token": "Required" });
		}
		const fields = headers["content-type"] === "application/json" ? objectIn(body) : undefined;
		const wrong = fields === undefined ? "The body is no JSON" : this.#wrongIn(fields);
		return fields === undefined || wrong !== undefined
			? refused({ status: 400, words: wrong ?? "" })
			: { ok: true, take: () => this.#take(fields) };
	}

	#wrongIn(fields: Json): string | undefined {
		const writable = this.#collection(emails).properties;
		const notes = fields["EMailNotes"];
		const strange = Object.keys(fields).find((field) => field !== "EMailNotes" && !writable.has(field));
		if (strange !== undefined || readOnly.some((name) => fields[name] !== undefined)) {
			return `Property ${strange ?? "ObjectID"} cannot be written`;
		}
		if (Object.entries(fields).some(([field, value]) => field !== "EMailNotes" && typeof value !== "string")) {
			return "A property is no text";
		}
		if (fields["InitiatorCode"] !== "3" || !/^[^@\s]+@[^@\s]+$/.test(String(fields["ToEMailURI"]))) {
			return "The e-mail is not an outgoing one to an address";
		}
		return Array.isArray(notes) && notes.length === 1 && isNote(notes[0])
			? undefined
			: "EMailNotes is no list of one note";
	}

	#take(fields: Json): Taken {
		const { clock, random } = this.host.deps;
		const ObjectID = toObjectId(hex(random));
		const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === "string");
		const [note] = fields["EMailNotes"] as Note[];
		const entity = {
			...Object.fromEntries(texts),
			ObjectID,
			ID: String(this.#number++),
			CreationDateTime: clock.now(),
			[changeTime]: clock.now(),
		};
		this.#put(emails, entity);
		this.#notes.set(ObjectID, note === undefined ? [] : [note]);
		const attemptId = /^parley:([A-F0-9]{32})$/.exec(String(fields["ExternalID"]))?.[1];
		const to = String(fields["ToEMailURI"]);
		this.taken.push({ remoteId: ObjectID, attemptId, to, text: note?.Text ?? "", at: clock.now() });
		const headers = { location: `${this.account.serviceConnection}/${emails}('${ObjectID}')` };
		const told = { ...Object.fromEntries(texts), ObjectID, ID: entity.ID };
		return {
			reply: jsonReply(201, { d: { results: told } }, headers),
			// It is a change like any other, so the tenant tells of it.
			receipts: async () => {
				if (this.webhook !== undefined && this.host.dueReceipts().includes("sent")) {
					await this.notify(ObjectID);
				}
			},
		};
	}
}

const changeTime = "EntityLastChangedOn";
const times = new Set([changeTime, "CreationDateTime"]);
const readOnly = ["ObjectID", ...times];
const propertiesOf: Readonly<Record<string, readonly string[]>> = {
	[emails]: "ObjectID ID Subject InitiatorCode FromEMailURI FromName ToEMailURI ExternalID PriorityCode"
		.split(" ")
		.concat(...times),
	[requests]: ["ObjectID", "ID"],
	[references]: ["ObjectID", "ParentObjectID", "ID", "TypeCode"],
	[attachments]: ["ObjectID", "ParentObjectID", "Name", "MimeType"],
};

type Json = Readonly<Record<string, unknown>>;

function refused(refusal: ODataRefusal, headers: Readonly<Record<string, string>> = {}): Judgement {
	return { ok: false, reply: refusalReply(refusal, headers), reason: `${refusal.status} ${refusal.words}` };
}

function objectIn(body: string): Json | undefined {
	try {
		const value = JSON.parse(body) as unknown;
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined; // Not JSON; the caller says so.
		}
		throw error;
	}
}

function isNote(value: unknown): boolean {
	const { TypeCode, Text, ...others } = (value ?? {}) as Json;
	return typeof TypeCode === "string" && typeof Text === "string" && Text !== "" && Object.keys(others).length === 0;
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

/** 32 hexadecimal digits as they are; of anything else, always the same ones. */
function toObjectId(id: string): string {
	return /^[0-9a-f]{32}$/i.test(id)
		? id.toUpperCase()
		: createHash("sha256").update(id).digest("hex").slice(0, 32).toUpperCase();
}
