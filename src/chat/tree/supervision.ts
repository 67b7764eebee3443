// /users/me/supervisor_sessions: a supervisor follows an agent's chats, joins in, or speaks to the agent alone. What the
// agent sees is shown under the session's own path.

import { Type } from "typebox";
import type { Grant } from "#domain/rights.ts";
import { findAgent } from "#storage/chat-agents.ts";
import {
	deleteSupervision,
	findSupervision,
	saveSupervision,
	type Supervision,
	supervisionsBy,
	supervisionsOf,
} from "#storage/chat-supervisions.ts";
import { chatsOfUser } from "#storage/chats.ts";
import { may } from "../people.ts";
import { leave, supervise } from "../moves/talking.ts";
import type { Answer } from "../resource.ts";
import { leaf } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { bodyOf } from "./body.ts";
import { agentsOnly, type Context, done, fault, type Found, notThere, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const states = ["monitoring", "silent_listening", "coaching", "barge_in"] as const;
type State = (typeof states)[number];
const stateSchema = Type.Enum([...states]);

const beginBody = bodyOf(
	Type.Object({ state: stateSchema, agent: Type.Optional(Type.Object({ id: Type.String({ maxLength: 64 }) })) }),
);
const changeBody = bodyOf(Type.Object({ state: stateSchema }));

/** What each way of supervising needs on the agent, and what the agent can deny. */
const asks = {
	monitoring: { access: "listen", denial: "deny_supervising" },
	silent_listening: { access: "listen", denial: "deny_silent_listening" },
	coaching: { access: "coach", denial: "deny_coaching" },
	barge_in: { access: "bargeIn", denial: "deny_barge_in" },
} as const;

export function supervisionResources(
	tools: Tools,
	readAs: (ctx: Context, agentId: string, path: readonly string[]) => Promise<Found>,
): Resource[] {
	const models = [0, 1, 2, 3, 4, 5].map((steps): Resource => {
		const rest = Array.from({ length: steps }, (_, index) => `:step${index}`);
		return {
			path: ["supervisor_sessions/:id/agent/model", ...rest].join("/"),
			for: agentsOnly,
			read: (ctx) =>
				model(ctx, (agentId) =>
					readAs(
						ctx,
						agentId,
						rest.map((name) => ctx.params[name.slice(1)] ?? ""),
					),
				),
		};
	});
	return [
		{
			path: "supervisor_sessions",
			for: agentsOnly,
			read: async (ctx) => ({ value: await sessionsOf(ctx) }),
			post: (ctx) => begin(tools, ctx),
		},
		{
			path: "supervisor_sessions/:id",
			for: agentsOnly,
			async read(ctx) {
				const one = (await sessionsOf(ctx)).find(({ id }) => id === ctx.params["id"]);
				return one === undefined ? notThere : { value: one };
			},
			put: (ctx) => changeState(tools, ctx),
			delete: (ctx) => stop(tools, ctx),
		},
		...models,
	];
}

async function model(ctx: Context, read: (agentId: string) => Promise<Found>): Promise<Found> {
	const session = await findSupervision(ctx.db, ctx.params["id"] ?? "");
	return session?.supervisorId === ctx.caller.userId ? read(session.agentId) : notThere;
}

async function sessionsOf(ctx: Context) {
	const { userId } = ctx.caller;
	const mine = await supervisionsBy(ctx.db, userId);
	const ofMe = await supervisionsOf(ctx.db, [userId]);
	return [...mine, ...ofMe].map((session) => toWire(session, ctx));
}

function toWire(session: Supervision, { caller, known, grants }: Pick<Context, "caller" | "known" | "grants">) {
	const { id, state, agentId, supervisorId } = session;
	if (supervisorId !== caller.userId) {
		const name = supervisorId === null ? "" : known.name(supervisorId).alias;
		return { id, state, supervisor: { id: supervisorId, name } };
	}
	const { alias, address } = known.name(agentId);
	const actions = actionsOn(agentId, { grants });
	return {
		id,
		state,
		agent: { id: agentId, name: alias, chat_address: address, model: null, supported_supervisor_actions: actions },
	};
}

function actionsOn(agentId: string, { grants }: Pick<Context, "grants">) {
	const { listen, coach, barge_in } = waysOn(grants, agentId);
	return { contact_control: false, contact_barge_in: barge_in, contact_listen: listen, contact_coach: coach };
}

/** How somebody may supervise the agent. */
export function waysOn(grants: readonly Grant[], agentId: string) {
	const can = (access: "listen" | "coach" | "bargeIn"): boolean => may(grants, access, "user", agentId);
	return { listen: can("listen"), coach: can("coach"), barge_in: can("bargeIn") };
}

async function begin(tools: Tools, ctx: Context): Promise<Answer> {
	const read = beginBody(ctx.body);
	if (!read.ok) {
		return fault(405, "invalid_body", "Give a state, and as a supervisor the agent's id.");
	}
	const { state, agent } = read.body;
	const { userId } = ctx.caller;
	if (agent === undefined) {
		return state === "monitoring"
			? tools.turns.take((turn) => askForHelp(turn, ctx))
			: fault(405, "invalid_body", "/agent is missing.");
	}
	if (agent.id === userId || !may(ctx.grants, asks[state].access, "user", agent.id)) {
		return fault(403, "not_permitted", "You may not supervise this agent.");
	}
	return tools.turns.take((turn) => take(turn, ctx, { agentId: agent.id, state }));
}

/** The request that the agent made already is taken; another supervisor's is left alone. */
async function take(turn: Turn, ctx: Context, { agentId, state }: { agentId: string; state: State }): Promise<Answer> {
	const { userId } = ctx.caller;
	const [known] = await supervisionsOf(turn.tx, [agentId]);
	if (known !== undefined && known.supervisorId !== null && known.supervisorId !== userId) {
		return fault(403, "supervised", "Another supervisor is with this agent.");
	}
	if (await isDenied(turn, agentId, state)) {
		return fault(403, "denied", "The agent does not want to be supervised like this.");
	}
	const session: Supervision = {
		id: known?.id ?? turn.ids.next(),
		supervisorId: userId,
		agentId,
		state,
		at: turn.now,
	};
	await saveSupervision(turn.tx, session);
	await join(turn, session, state);
	turn.tell({ to: userId, steps: [leaf("POST", `/supervisor_sessions/${session.id}`, toWire(session, ctx))] });
	const agentsView = toWire(session, { ...ctx, caller: { ...ctx.caller, userId: agentId } });
	// Silent ones stay unseen by the agent too, unless the agent asked for help.
	if (state !== "silent_listening" || known !== undefined) {
		turn.tell({ to: agentId, steps: [leaf("POST", `/supervisor_sessions/${session.id}`, agentsView)] });
	}
	return { status: 200, body: { id: session.id } };
}

async function isDenied({ tx }: Turn, agentId: string, state: State): Promise<boolean> {
	const agent = await findAgent(tx, agentId);
	return agent?.supervising[asks[state].denial] === true || agent?.supervising["deny_supervising"] === true;
}

async function askForHelp(turn: Turn, ctx: Context): Promise<Answer> {
	const { userId } = ctx.caller;
	const [known] = await supervisionsOf(turn.tx, [userId]);
	const session = known ?? {
		id: turn.ids.next<string>(),
		supervisorId: null,
		agentId: userId,
		state: "monitoring" as const,
		at: turn.now,
	};
	if (known === undefined) {
		await saveSupervision(turn.tx, session);
		turn.tell({ to: userId, steps: [leaf("POST", `/supervisor_sessions/${session.id}`, toWire(session, ctx))] });
	}
	return { status: 200, body: { id: session.id } };
}

/** In every chat that the agent has now: unseen, or as one more who speaks. */
async function join(turn: Turn, { agentId, supervisorId }: Supervision, state: State): Promise<void> {
	if (supervisorId === null) {
		return;
	}
	for (const chat of await chatsOfUser(turn.tx, agentId)) {
		if (chat.agentId !== agentId) {
			continue;
		}
		// Where the supervisor has a place of their own already, there is nothing to change.
		await turn.move(
			chat.id,
			state === "monitoring" ? leave(supervisorId) : supervise(supervisorId, state === "barge_in"),
			[supervisorId],
		);
	}
}

async function changeState(tools: Tools, ctx: Context): Promise<Answer> {
	const read = changeBody(ctx.body);
	if (!read.ok) {
		return fault(405, "invalid_body", "Give the state.");
	}
	const { state } = read.body;
	return tools.turns.take(async (turn) => {
		const session = await findSupervision(turn.tx, ctx.params["id"] ?? "");
		if (session?.supervisorId !== ctx.caller.userId) {
			return notThere;
		}
		if (
			!may(ctx.grants, asks[state].access, "user", session.agentId) ||
			(await isDenied(turn, session.agentId, state))
		) {
			return fault(403, "not_permitted", "You may not supervise this agent like this.");
		}
		const changed = { ...session, state };
		await saveSupervision(turn.tx, changed);
		await join(turn, changed, state);
		const step = leaf("PUT", `/supervisor_sessions/${session.id}/state`, state);
		turn.tell({ to: ctx.caller.userId, steps: [step] });
		turn.tell({ to: session.agentId, steps: [step] });
		return done;
	});
}

async function stop(tools: Tools, ctx: Context): Promise<Answer> {
	return tools.turns.take(async (turn) => {
		const session = await findSupervision(turn.tx, ctx.params["id"] ?? "");
		if (
			session === undefined ||
			(session.supervisorId !== ctx.caller.userId && session.agentId !== ctx.caller.userId)
		) {
			return notThere;
		}
		if (session.supervisorId !== ctx.caller.userId && session.supervisorId !== null) {
			return fault(403, "not_permitted", "Only the supervisor ends the session.");
		}
		await deleteSupervision(turn.tx, session.id);
		await join(turn, session, "monitoring");
		const step = leaf("DELETE", `/supervisor_sessions/${session.id}`, null);
		turn.tell({ to: ctx.caller.userId, steps: [step] });
		turn.tell({ to: session.agentId, steps: [step] });
		return done;
	});
}
