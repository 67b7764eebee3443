// /users/me/queues and /users/me/statistics: what one serves, and the live figures.

import { Type } from "typebox";
import type { Queue } from "#domain/queues.ts";
import { findAgent, freshAgent } from "#storage/chat-agents.ts";
import { allowedQueues } from "../people.ts";
import { defaultPresence } from "../presences.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { visibleFigures } from "../statistics.ts";
import { leaf } from "../tells.ts";
import { bodyOf } from "./body.ts";
import { agentsOnly, type Context, type Found, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const serveBody = bodyOf(Type.Object({ serve: Type.Boolean() }));

export function queueResources(tools: Tools): Resource[] {
	return [
		{
			path: "queues",
			for: agentsOnly,
			read: async (ctx) => ({ value: await queuesOf(ctx) }),
			put: (ctx) => (isObject(ctx.body) ? Promise.resolve(done) : Promise.resolve(badBody)),
		},
		{
			path: "queues/:id",
			for: agentsOnly,
			async read(ctx) {
				const one = (await queuesOf(ctx)).find(({ id }) => id === ctx.params["id"]);
				return one === undefined ? notThere : { value: one };
			},
			put: (ctx) => serve(tools, ctx),
		},
		{
			path: "statistics",
			for: agentsOnly,
			isApart: true,
			read: async (ctx) => ({ value: { queues: await figures(tools, ctx) } }),
		},
		{
			path: "statistics/queues",
			for: agentsOnly,
			isApart: true,
			read: async (ctx) => ({ value: await figures(tools, ctx) }),
		},
		...["statistics/queues/:id", "statistics/:id"].map((path): Resource => ({
			path,
			for: agentsOnly,
			isApart: true,
			read: (ctx) => figuresOfOne(tools, ctx),
		})),
	];
}

const badBody = fault(400, "invalid_body", "The body must be an object.");

function isObject(body: unknown): boolean {
	return typeof body === "object" && body !== null && !Array.isArray(body);
}

async function figures({ statistics }: Tools, { grants, known }: Context) {
	const seen = visibleFigures(
		grants,
		known.queues.map(({ id }) => id),
	);
	return (await statistics.now()).filter(({ id }) => seen.has(id));
}

async function figuresOfOne(tools: Tools, ctx: Context): Promise<Found> {
	const one = (await figures(tools, ctx)).find(({ id }) => id === ctx.params["id"]);
	return one === undefined ? notThere : { value: one };
}

async function queuesOf({ known, grants, db, caller }: Context) {
	const ids = known.queues.map(({ id }) => id);
	const served = allowedQueues(grants, "serve", ids);
	const seen = new Set([...served, ...visibleFigures(grants, ids)]);
	const agent = await findAgent(db, caller.userId);
	return known.queues.filter(({ id }) => seen.has(id)).map((queue) => toWire(queue, served, agent?.serving ?? {}));
}

function toWire(queue: Queue, served: ReadonlySet<string>, serving: Readonly<Record<string, boolean>>) {
	const { thresholds } = queue;
	return {
		id: queue.id,
		name: queue.name,
		serve: served.has(queue.id) && (queue.forcedToServe || (serving[queue.id] ?? true)),
		serve_external: false,
		forced_to_serve: queue.forcedToServe || !served.has(queue.id),
		login_type: queue.allocation === "huntGroup" ? "hunt_group" : "auto_allocation",
		type: "chat",
		addresses: queue.addresses.map((address) => ({ address })),
		wrapup_reasons: queue.wrapUpReasons,
		threshold_max_wait_time_critical: thresholds.maxWaitSeconds.critical,
		threshold_max_wait_time_warning: thresholds.maxWaitSeconds.warning,
		threshold_interactions_critical: thresholds.chats.critical,
		threshold_interactions_warning: thresholds.chats.warning,
		threshold_agents_waiting_critical: thresholds.agentsWaiting.critical,
		threshold_agents_waiting_warning: thresholds.agentsWaiting.warning,
		threshold_agents_serving_critical: thresholds.agentsServing.critical,
		threshold_agents_serving_warning: thresholds.agentsServing.warning,
	};
}

async function serve(tools: Tools, ctx: Context): Promise<Answer> {
	const read = serveBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { userId } = ctx.caller;
	const queue = ctx.known.queue(ctx.params["id"] ?? "");
	const mine = (await queuesOf(ctx)).find(({ id }) => id === queue?.id);
	if (queue === undefined || mine === undefined) {
		return notThere;
	}
	if (mine.forced_to_serve) {
		return fault(403, "forced_to_serve", "An administrator decides whether you serve this queue.");
	}
	return tools.turns.take(async (turn) => {
		const agent = (await findAgent(turn.tx, userId)) ?? freshAgent(userId, defaultPresence);
		if ((agent.serving[queue.id] ?? true) !== read.body.serve) {
			const serving = { ...agent.serving, [queue.id]: read.body.serve };
			const step = leaf("PUT", `/queues/${queue.id}/serve`, read.body.serve);
			await turn.agent(userId, (one) => ({ ...one, serving }), [step]);
		}
		return done;
	});
}
