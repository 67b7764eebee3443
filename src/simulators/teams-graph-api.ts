// The simulated Microsoft Graph: a technical user with its chats, their messages, and subscriptions to them. Requests are
// checked as https://learn.microsoft.com/graph/api has them; what is refused gets Graph's own errors.

import type { Clock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import { type HeardRequest, type HttpReply, jsonReply } from "./kit.ts";
import {
	asObject,
	badRequest,
	type GraphRefusal,
	isOnly,
	type Json,
	nameOf,
	objectIn,
	placeAt,
	readMessage,
	type TeamsMessage,
	type TeamsPlace,
} from "./teams-messages.ts";
import { readRenewal, readSubscription, shown, type TeamsSubscription } from "./teams-subscriptions.ts";

export type Person = { id: string; name: string; mail: string };
export type TeamsDirectory = { tenant: string; applicationId: string; user: Person; others: readonly Person[] };

/** What a request leads to. `post` and `subscribe` have consequences; everything else is answered at once. */
export type GraphVerdict =
	| { kind: "refused"; refusal: GraphRefusal }
	| { kind: "answer"; reply: HttpReply }
	| { kind: "post"; place: TeamsPlace; text: string; content: string }
	| { kind: "subscribe"; subscription: Omit<TeamsSubscription, "id"> };

export function graphErrorReply({ status, code, message }: GraphRefusal, now: Date): HttpReply {
	const innerError = { date: now.toISOString(), "request-id": newGuidLike(now), "client-request-id": newGuidLike(now) };
	return jsonReply(status, { error: { code, message, innerError } });
}

function newGuidLike(now: Date): string {
	return `00000000-0000-4000-8000-${String(now.getTime()).padStart(12, "0").slice(-12)}`;
}

const perPage = 50;

export class SimulatedGraph {
	readonly directory: TeamsDirectory;
	/** By the name of the place: newest last. */
	readonly messages = new Map<string, TeamsMessage[]>();
	subscriptions: TeamsSubscription[] = [];
	/** What is refused to this user, whoever asks: reading there, and subscribing to it. By the name of the place. */
	readonly closed = new Map<string, GraphRefusal>();
	/** As many are listed at once. */
	subscriptionsPerPage = 100;
	readonly #deps: { clock: Clock; random: Random };
	#lastId = 0;

	constructor(directory: TeamsDirectory, deps: { clock: Clock; random: Random }) {
		this.directory = directory;
		this.#deps = deps;
	}

	judge(request: HeardRequest): GraphVerdict {
		const { method, path } = request;
		const place = placeAt(path);
		if (place !== undefined) {
			return method === "POST" ? this.#judgePost(request, place) : this.#judgeRead(request, place);
		}
		if (path.startsWith("/v1.0/subscriptions")) {
			return this.#judgeSubscription(request);
		}
		switch (`${method} ${path}`) {
			case "GET /v1.0/me":
				return this.#me(request);
			case "GET /v1.0/me/chats":
				return this.#chats(request);
			case "POST /v1.0/chats":
				return this.#chatWith(request);
			default:
				return refused({ status: 404, code: "ResourceNotFound", message: `There is no ${method} ${path}` });
		}
	}

	/** Writes a message into its place. */
	add(place: TeamsPlace, from: Person, said: { content: string; id?: string | undefined }): TeamsMessage {
		this.#lastId = Math.max(this.#lastId + 1, this.#deps.clock.now().getTime());
		const id = said.id ?? String(this.#lastId);
		const where =
			"chatId" in place
				? { chatId: place.chatId, channelIdentity: null }
				: { chatId: null, channelIdentity: { teamId: place.teamId, channelId: place.channelId } };
		const createdDateTime = new Date(this.#lastId).toISOString();
		const user = { id: from.id, displayName: from.name, userIdentityType: "aadUser", tenantId: this.directory.tenant };
		const message: TeamsMessage = {
			id,
			replyToId: "chatId" in place ? null : (place.root ?? null),
			etag: id,
			messageType: "message",
			createdDateTime,
			lastModifiedDateTime: createdDateTime,
			lastEditedDateTime: null,
			deletedDateTime: null,
			subject: null,
			summary: null,
			importance: "normal",
			locale: "en-us",
			...where,
			from: { application: null, device: null, user },
			body: { contentType: "html", content: said.content },
			attachments: [],
			mentions: [],
			reactions: [],
		};
		this.messages.set(nameOf(place), [...(this.messages.get(nameOf(place)) ?? []), message]);
		return message;
	}

	#judgePost(request: HeardRequest, place: TeamsPlace): GraphVerdict {
		if (!this.messages.has(nameOf(place))) {
			return refused({ status: 404, code: "NotFound", message: "The chat or channel was not found" });
		}
		const read = readMessage(request);
		return "text" in read ? { kind: "post", place, ...read } : refused(read);
	}

	#judgeRead(request: HeardRequest, place: TeamsPlace): GraphVerdict {
		const { method, query } = request;
		const closed = this.closed.get(nameOf(place));
		if (closed !== undefined) {
			return refused(closed);
		}
		const all = this.messages.get(nameOf(place));
		if (method !== "GET" || all === undefined) {
			return refused({ status: 404, code: "NotFound", message: "The chat or channel was not found" });
		}
		const span = spanOf(query, "chatId" in place);
		if (span === undefined) {
			return refused(badRequest("The query option is not supported"));
		}
		const found = all
			.filter(({ createdDateTime }) => createdDateTime > span.after && createdDateTime < span.before)
			.toReversed();
		return pageOf("chatId" in place ? found : threads(found), span.top, request);
	}

	#me({ query }: HeardRequest): GraphVerdict {
		const { id, name, mail } = this.directory.user;
		const select = (query.get("$select") ?? "id,displayName,userPrincipalName").split(",");
		const known: Json = { id, displayName: name, userPrincipalName: mail };
		return select.every((field) => field in known)
			? answer(Object.fromEntries(select.map((field) => [field, known[field]])))
			: refused(badRequest("A property that is not known is selected"));
	}

	#chats(request: HeardRequest): GraphVerdict {
		const { query } = request;
		const top = Number(query.get("$top") ?? 20);
		const order = query.get("$orderby");
		const isPreviewed = query.get("$expand") === "lastMessagePreview";
		if (!(top >= 1 && top <= perPage) || (order !== null && order !== "lastMessagePreview/createdDateTime desc")) {
			return refused(badRequest("The query option is not supported"));
		}
		const chats = [...this.messages].filter(([name]) => !name.includes("/"));
		const value = chats
			.map(([id, messages]) => ({ id, last: messages.at(-1) }))
			.toSorted((one, other) => (other.last?.createdDateTime ?? "").localeCompare(one.last?.createdDateTime ?? ""))
			.map(({ id, last }) => ({ id, chatType: "group", ...(isPreviewed ? { lastMessagePreview: last ?? null } : {}) }));
		return pageOf(value, top, request);
	}

	/** The same chat each time. */
	#chatWith(request: HeardRequest): GraphVerdict {
		const people = membersIn(objectIn(request)).map((member) => this.#personIn(member));
		const found = people.filter((person) => person !== "unreadable" && person !== undefined);
		if (people.length !== 2 || people.includes("unreadable")) {
			return refused(badRequest("The chat is not as it has to be"));
		}
		if (found.length < 2) {
			return refused({ status: 404, code: "NotFound", message: "A member was not found" });
		}
		if (found[0] === found[1] || !found.includes(this.directory.user)) {
			return refused({ status: 403, code: "Forbidden", message: "The caller must be one of two members" });
		}
		const ids = found.map(({ id }) => id).toSorted();
		const id = `19:${ids.join("_")}@unq.gbl.spaces`;
		this.messages.set(id, this.messages.get(id) ?? []);
		return { kind: "answer", reply: jsonReply(201, { id, chatType: "oneOnOne", topic: null }) };
	}

	#personIn(member: Json | undefined): Person | "unreadable" | undefined {
		const { user, others } = this.directory;
		const bind = member?.["user@odata.bind"];
		const isMember = member?.["@odata.type"] === "#microsoft.graph.aadUserConversationMember";
		const named =
			typeof bind === "string" ? /^https?:\/\/[^/]+\/v1\.0\/users\('([^']+)'\)$/.exec(bind)?.[1] : undefined;
		if (!isMember || named === undefined || !isOnly(member, ["@odata.type", "roles", "user@odata.bind"])) {
			return "unreadable";
		}
		return [user, ...others].find(({ id, mail }) => [id, mail].includes(named.toLowerCase()));
	}

	#judgeSubscription(request: HeardRequest): GraphVerdict {
		const { method, path } = request;
		const { applicationId, user } = this.directory;
		const now = this.#deps.clock.now();
		const living = this.subscriptions.filter(
			({ expirationDateTime }) => Date.parse(expirationDateTime) > now.getTime(),
		);
		const [, id] = /^\/v1\.0\/subscriptions\/([^/]+)$/.exec(path) ?? [];
		if (id === undefined) {
			if (method === "GET") {
				return pageOf(
					living.map((one) => shown(one, applicationId)),
					this.subscriptionsPerPage,
					request,
				);
			}
			const read = readSubscription(request, { present: living, userId: user.id, now });
			return "status" in read ? refused(read) : this.#subscribe(read);
		}
		const subscription = living.find((one) => one.id === decodeURIComponent(id));
		if (subscription === undefined || !["PATCH", "DELETE"].includes(method)) {
			return refused({ status: 404, code: "ResourceNotFound", message: "The subscription was not found" });
		}
		return method === "PATCH" ? this.#renew(request, subscription, now) : this.#end(subscription);
	}

	#subscribe(subscription: Omit<TeamsSubscription, "id">): GraphVerdict {
		const place = placeAt(`/v1.0${subscription.resource}`);
		const closed = place === undefined ? undefined : this.closed.get(nameOf(place));
		return closed === undefined ? { kind: "subscribe", subscription } : refused(closed);
	}

	#renew(request: HeardRequest, subscription: TeamsSubscription, now: Date): GraphVerdict {
		const read = readRenewal(request, subscription, now);
		if (typeof read !== "string") {
			return refused(read);
		}
		subscription.expirationDateTime = read;
		return answer(shown(subscription, this.directory.applicationId));
	}

	#end(subscription: TeamsSubscription): GraphVerdict {
		this.subscriptions = this.subscriptions.filter((one) => one !== subscription);
		return { kind: "answer", reply: { status: 204, body: "" } };
	}
}

function refused(refusal: GraphRefusal): GraphVerdict {
	return { kind: "refused", refusal };
}

function answer(value: Json): GraphVerdict {
	return { kind: "answer", reply: jsonReply(200, value) };
}

/** As long as there is more, it leads to the next page by its whole address. */
function pageOf(all: readonly Json[], top: number, { path, query, headers }: HeardRequest): GraphVerdict {
	const token = query.get("$skiptoken");
	const from = token === null ? 0 : Number(/^after-(\d+)$/.exec(token)?.[1] ?? Number.NaN);
	if (Number.isNaN(from)) {
		return refused(badRequest("The skip token is not known"));
	}
	const next = new URLSearchParams([...query].filter(([name]) => name !== "$skiptoken"));
	next.set("$skiptoken", `after-${from + top}`);
	const link = { "@odata.nextLink": `http://${headers.host ?? ""}${path}?${next.toString()}` };
	return answer({ ...(from + top < all.length ? link : {}), value: all.slice(from, from + top) });
}

function membersIn(fields: Json | undefined): readonly (Json | undefined)[] {
	const isSound = isOnly(fields, ["chatType", "members"]) && fields?.["chatType"] === "oneOnOne";
	return isSound && Array.isArray(fields["members"]) ? fields["members"].map(asObject) : [];
}

const time = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)";
const spanFilter = new RegExp(`^createdDateTime gt ${time}(?: and createdDateTime lt ${time})?$`);
const endOfTime = "9999";

/** What is asked for, or undefined for what Graph does not answer. Channels take no filter; a filter takes its order. */
function spanOf(query: URLSearchParams, isChat: boolean): { top: number; after: string; before: string } | undefined {
	const top = Number(query.get("$top") ?? perPage);
	const filter = query.get("$filter");
	if (!(top >= 1 && top <= perPage)) {
		return undefined;
	}
	if (filter === null) {
		return { top, after: "", before: endOfTime };
	}
	const [, after, before = endOfTime] = spanFilter.exec(filter) ?? [];
	return after === undefined || !isChat || query.get("$orderby") !== "createdDateTime desc"
		? undefined
		: { top, after, before };
}

/** Messages that begin a thread, each with what was answered. */
function threads(found: readonly TeamsMessage[]): readonly Json[] {
	return found
		.filter(({ replyToId }) => replyToId === null)
		.map((root) => ({ ...root, replies: found.filter(({ replyToId }) => replyToId === root.id) }));
}
