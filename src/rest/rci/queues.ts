// /queues: where chats wait. Addresses belong to one queue each.

import { addressKey } from "#domain/chains.ts";
import { idPattern } from "#domain/ids.ts";
import type { Queue } from "#domain/queues.ts";
import { allocationKinds, pickRules } from "#domain/queues.ts";
import { isTimeZone } from "#domain/time-zones.ts";
import { serviceAt } from "#domain/service-times.ts";
import { Problem } from "#platform/problems.ts";
import { nameKey } from "#storage/bags.ts";
import { readChatConfiguration } from "#storage/chat-configuration.ts";
import { configuredStore, queueWithAddress } from "#storage/configured.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { dependentsOfQueue } from "#storage/queue-dependents.ts";
import { queueDefaults, readQueues } from "#storage/queues.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { type Route, route } from "../route.ts";
import { closed, givenTimestamp, idParams, line, orNull, toMoment, toTimestamp } from "../schemas.ts";
import { adHocScheduleKind } from "./ad-hoc-schedules.ts";
import { brokenRule, configuredRoutes, type ConfiguredKind, demandUnused, removeConfigured } from "./configured.ts";
import { scheduleKind } from "./schedules.ts";

type Fields = Omit<Queue, "id">;

const seconds = (maximum: number, description: string) => Type.Integer({ minimum: 0, maximum, description });
const threshold = Type.Object(
	{
		warning: orNull(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
		critical: orNull(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
	},
	closed,
);

/** More than any queue has. */
const all = { limit: 100_000, offset: 0, sort: [], only: "every" } as const;

const kind: ConfiguredKind<Fields> = {
	objectType: "queue",
	path: "/queues",
	noun: "queue",
	schema: {
		name: line(200),
		addresses: Type.Array(Type.String({ minLength: 1, maxLength: 254, pattern: "^[^\\s\\u0000-\\u001f\\u007f]+$" }), {
			maxItems: 100,
			description:
				"Addresses of ours whose chats come here, such as +358401234567, a page's id, APPID@whatsapp.sinchconversation.com, or one that web visitors dial.",
		}),
		priority: Type.Integer({ minimum: 0, maximum: 100_000, description: "The lowest is served first." }),
		size: Type.Integer({
			minimum: -1,
			maximum: 1_000_000,
			description: "Chats that may wait; -1 or 0: any number. Those being offered do not count.",
		}),
		overflowQueueId: orNull(
			Type.String({
				pattern: idPattern,
				description:
					"The queue behind this one: chats that come while this one is full or closed go there, and so do those that wait too long. Null: they end with a prompt, or wait on.",
			}),
		),
		overflowAfterSeconds: seconds(
			86_400,
			"Since a chat began to wait for an agent, until it goes to the queue behind; 0: not because of its wait.",
		),
		allocation: Type.Enum([...allocationKinds], {
			description: "autoAllocation: chats are offered to agents; huntGroup: agents pick them.",
		}),
		offerSeconds: Type.Integer({ minimum: 5, maximum: 3600, description: "How long an agent has to answer an offer." }),
		notReadyAfterMiss: Type.Boolean({ description: "An agent who lets an offer pass is set to not ready." }),
		autoAccept: Type.Boolean({ description: "Accepts for the agent as soon as it is offered: for bots." }),
		wrapUpSeconds: seconds(86_400, "Wrap-up after a chat; 0: none."),
		wrapUpReasons: Type.Array(line(100), { maxItems: 100, uniqueItems: true, description: "Offered in wrap-up." }),
		inactivityMinutes: Type.Integer({
			minimum: 0,
			maximum: 43_200,
			description: "Without a message from either side a chat ends after this time; 0: never.",
		}),
		idleWarningMinutes: Type.Integer({
			minimum: 0,
			maximum: 43_200,
			description: "So long before that end the contact is warned; 0: not at all.",
		}),
		reopenMinutes: Type.Integer({
			minimum: 0,
			maximum: 43_200,
			description:
				"Within this time after its end a contact's message begins a new chat that is linked to the ended one and offered to the same agent first.",
		}),
		preferredAgentSeconds: seconds(86_400, "How long a chat waits for its preferred agent; 0: not at all."),
		pick: Type.Enum([...pickRules], {
			description:
				"Whether agents may pick waiting chats: all, not those that wait for their preferred agent, or none.",
		}),
		forcedToServe: Type.Boolean({ description: "Agents cannot stop serving it themselves." }),
		timeZone: Type.String({ minLength: 1, maxLength: 64, description: "IANA name; schedules are read in it." }),
		language: Type.String({
			pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
			maxLength: 35,
			description: "BCP 47; of its prompts, where the contact's language is not known.",
		}),
		thresholds: Type.Object(
			{ maxWaitSeconds: threshold, chats: threshold, agentsWaiting: threshold, agentsServing: threshold },
			{ ...closed, description: "From where on figures are shown as a warning or critical; null: never." },
		),
	},
	required: ["name"],
	defaults: { ...queueDefaults, name: "", addresses: [] },
	columns: { name: "name", priority: { number: "priority" } },
	sort: "name",
	store: configuredStore<Fields>({
		table: "queues",
		objectType: "queue",
		toColumns({ name, priority, addresses: _addresses, ...settings }) {
			return { name, name_key: nameKey(name), priority, settings: JSON.stringify(settings) };
		},
		toFields: (row, addresses) => ({
			...queueDefaults,
			...(JSON.parse(String(row["settings"])) as Partial<Fields>),
			name: String(row["name"]),
			priority: Number(row["priority"]),
			addresses,
		}),
		addressesOf: ({ addresses }) => addresses,
	}),
	nameOf: ({ name }) => name,
	async check(tx, { id, fields }) {
		if (!isTimeZone(fields.timeZone)) {
			throw brokenRule("/timeZone", "is no time zone; give an IANA name such as Europe/Helsinki");
		}
		if (
			fields.idleWarningMinutes > 0 &&
			fields.inactivityMinutes > 0 &&
			fields.idleWarningMinutes >= fields.inactivityMinutes
		) {
			throw brokenRule("/idleWarningMinutes", "must be less than inactivityMinutes");
		}
		await checkOverflow(tx, { ...fields, id });
		const keys = fields.addresses.map(addressKey);
		const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
		if (twice >= 0) {
			throw brokenRule(`/addresses/${twice}`, "is listed twice");
		}
		const taken = await queueWithAddress(tx, fields.addresses, id);
		if (taken !== undefined) {
			throw brokenRule("/addresses", `has ${taken.address}, which belongs to the queue ${taken.name}`);
		}
	},
	taken: () => {
		const message = "Another queue has this name, or one of the addresses.";
		return new Problem("duplicate_name", message, [{ pointer: "/name", message }]);
	},
	async mayGo(tx, ctx, { id }) {
		await lockUntilCommit(tx, "chats"); // No chat comes to it between this look and the commit.
		const live = await tx
			.selectFrom("chats")
			.select("id")
			.where("queue_id", "=", id)
			.where("state", "<>", "ended")
			.limit(1)
			.executeTakeFirst();
		if (live !== undefined) {
			throw new Problem("conflict", "Chats of this queue are waiting or going on; end or transfer them first.");
		}
		demandUnused(ctx, "queue", await dependentsOfQueue(tx, id));
	},
	async takeAlong(tx, ctx, { id }) {
		const request = { ...all, filters: [{ column: "queue_id", pattern: id }] };
		for (const schedule of await scheduleKind.store.list(tx, request)) {
			await removeConfigured(tx, ctx, scheduleKind, schedule);
		}
		for (const schedule of await adHocScheduleKind.store.list(tx, request)) {
			await removeConfigured(tx, ctx, adHocScheduleKind, schedule);
		}
	},
};

type Overflowing = Pick<Queue, "id" | "overflowQueueId" | "overflowAfterSeconds">;

async function checkOverflow(tx: Tx, queue: Overflowing): Promise<void> {
	const { id, overflowQueueId, overflowAfterSeconds } = queue;
	if (overflowQueueId === null) {
		if (overflowAfterSeconds > 0) {
			throw brokenRule("/overflowAfterSeconds", "needs overflowQueueId, the queue where the chats are to go");
		}
		return;
	}
	await lockUntilCommit(tx, "chats"); // Neither does that queue go meanwhile, nor is a circle closed at its other end.
	if (overflowQueueId === id) {
		throw brokenRule("/overflowQueueId", "is this queue itself; choose another one");
	}
	const others = (await readQueues(tx)).filter((one) => one.id !== id);
	if (!others.some((one) => one.id === overflowQueueId)) {
		throw brokenRule("/overflowQueueId", "There is no queue with this id.");
	}
	if (isEndless(queue, others)) {
		throw brokenRule(
			"/overflowQueueId",
			"leads back to this queue, and chats would go round for ever; set overflowAfterSeconds to 0 in one of them",
		);
	}
}

/** A circle of queues in which none keeps what waits. */
function isEndless(queue: Overflowing, others: readonly Overflowing[]): boolean {
	let next: Overflowing | undefined = queue;
	for (let steps = 0; next !== undefined && next.overflowAfterSeconds > 0 && steps <= others.length; steps += 1) {
		const { overflowQueueId }: Overflowing = next;
		if (overflowQueueId === queue.id) {
			return true;
		}
		next = others.find(({ id }) => id === overflowQueueId);
	}
	return false;
}

const service = route({
	method: "GET",
	path: "/queues/:id/service",
	summary: "Tells whether the queue takes chats at a time, and why.",
	needs: { who: "holders", rights: [{ objectType: "queue", access: "view", on: { param: "id" } }] },
	params: idParams,
	query: Type.Object({ at: Type.Optional(givenTimestamp) }, closed),
	reply: Type.Object({ at: Type.String(), isOpen: Type.Boolean(), because: Type.String() }, closed),
	status: 200,
	async run({ deps, params, query }) {
		const at = query.at === undefined ? deps.clock.now() : toMoment(query.at, "invalid_query", "/at");
		const configuration = await deps.storage.remembered("chat configuration", readChatConfiguration);
		const queue = configuration.queues.find(({ id }) => id === params.id);
		if (queue === undefined) {
			throw new Problem("not_found", "There is no queue with this id.");
		}
		return { status: 200, body: { at: toTimestamp(at), ...serviceAt(configuration, queue, at) } };
	},
});

export const queueRoutes: readonly Route[] = [...configuredRoutes(kind), service];
