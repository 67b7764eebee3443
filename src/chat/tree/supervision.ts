// /users/me/supervisor_sessions: a supervisor follows an agent's chats, joins in, or speaks to the agent alone. What the
// agent sees is shown under the session's own path.

import { Type } from "typebox";
import type { Grant } from "#domain/rights.ts";
import { findAgent } from "#storage/chat-agents.ts";
import {
	findSupervision,
	saveSupervision,
	type Supervision,
	supervisionsBy,
	supervisionsOf,
} from "#storage/chat-supervisions.ts";
import { chatsOfUser } from "#storage/chats.ts";
import { may } from "../people.ts";
import { leave, supervise } from "../moves/talking.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { mayGoOn, standing } from "../standing.ts";
import { endSupervision, isSeen } from "../supervisions.ts";
import { leaf, type Step } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { bodyOf } from "./body.ts";
import { agentsOnly, type Context, type Found, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const states = ["monitoring", "silent_listening", "coaching", "barge_in"] as const;
type State = (typeof states)[number];
const stateSchema = Type.Enum([...states]);

const beginBody = bodyOf(
	Type.Object({ state: stateSchema, agent: Type.Optional(Type.Object({ id: Type.String({ maxLength: 64 }) })) }),
);
const changeBody = bodyOf(Type.Object({ state: stateSchema }));

/** What the agent can deny. */
const denials = {
	monitoring: "deny_supervising",
	silent_listening: "deny_silent_listening",
	coaching: "deny_coaching",
	barge_in: "deny_barge_in",
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
	const isMine = session?.supervisorId === ctx.caller.userId && mayGoOn(ctx.grants, session);
	return isMine ? read(session.agentId) : notThere;
}

async function sessionsOf(ctx: Context) {
	const { userId } = ctx.caller;
	const mine = (await supervisionsBy(ctx.db, userId)).filter((session) => mayGoOn(ctx.grants, session));
	const ofMe = (await supervisionsOf(ctx.db, [userId])).filter(isSeen);
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
	if (agent.id === userId || !mayGoOn(ctx.grants, { state, agentId: agent.id })) {
		return fault(403, "not_permitted", "You may not supervise this agent.");
	}
	return tools.turns.take((turn) => take(turn, ctx, { agentId: agent.id, state }));
}

/** The request that the agent made already is taken; another supervisor's is left alone. */
async function take(turn: Turn, ctx: Context, { agentId, state }: { agentId: string; state: State }): Promise<Answer> {
	const { userId } = ctx.caller;
	const known = await presentSession(turn, agentId);
	if (known !== undefined && known.supervisorId !== null && known.supervisorId !== userId) {
		return fault(403, "supervised", "Another supervisor is with this agent.");
	}
	if (await isDenied(turn, agentId, state)) {
		return fault(403, "denied", "The agent does not want to be supervised like this.");
	}
	const id = known?.id ?? turn.ids.next<string>();
	const isAsked = known?.isAsked === true;
	const session: Supervision = { id, supervisorId: userId, agentId, state, at: turn.now, isAsked };
	await saveSupervision(turn.tx, session);
	await join(turn, session, state);
	turn.tell({ to: userId, steps: [leaf("POST", `/supervisor_sessions/${session.id}`, toWire(session, ctx))] });
	tellAgent(turn, ctx, { before: known, session, step: appearsToAgent(session, ctx) });
	return { status: 200, body: { id: session.id } };
}

function appearsToAgent(session: Supervision, ctx: Context): Step {
	const toAgent = { ...ctx, caller: { ...ctx.caller, userId: session.agentId } };
	return leaf("POST", `/supervisor_sessions/${session.id}`, toWire(session, toAgent));
}

type Told = { before: Supervision | undefined; session: Supervision; step: Step };

/** `step`, if the agent saw the session before and sees it now; what is unseen comes and goes. */
function tellAgent(turn: Turn, ctx: Context, { before, session, step }: Told): void {
	const wasSeen = before !== undefined && isSeen(before);
	if (isSeen(session)) {
		turn.tell({ to: session.agentId, steps: [wasSeen ? step : appearsToAgent(session, ctx)] });
	} else if (wasSeen) {
		turn.tell({ to: session.agentId, steps: [leaf("DELETE", `/supervisor_sessions/${session.id}`, null)] });
	}
}

/** Of the agent; one that does not count any more is ended. */
async function presentSession(turn: Turn, agentId: string): Promise<Supervision | undefined> {
	const [known] = await supervisionsOf(turn.tx, [agentId]);
	if (known === undefined || (await standing(turn.tx, [known], new Date(turn.now))).length > 0) {
		return known;
	}
	await endSupervision(turn, known);
	return undefined;
}

async function isDenied({ tx }: Turn, agentId: string, state: State): Promise<boolean> {
	const agent = await findAgent(tx, agentId);
	return agent?.supervising[denials[state]] === true || agent?.supervising["deny_supervising"] === true;
}

async function askForHelp(turn: Turn, ctx: Context): Promise<Answer> {
	const { userId } = ctx.caller;
	const known = await presentSession(turn, userId);
	const none = { id: turn.ids.next<string>(), supervisorId: null, agentId: userId, state: "monitoring" as const };
	const session: Supervision = { ...(known ?? { ...none, at: turn.now }), isAsked: true };
	if (known?.isAsked !== true) {
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
		if (!mayGoOn(ctx.grants, { state, agentId: session.agentId }) || (await isDenied(turn, session.agentId, state))) {
			return fault(403, "not_permitted", "You may not supervise this agent like this.");
		}
		const changed = { ...session, state };
		await saveSupervision(turn.tx, changed);
		await join(turn, changed, state);
		const step = leaf("PUT", `/supervisor_sessions/${session.id}/state`, state);
		turn.tell({ to: ctx.caller.userId, steps: [step] });
		tellAgent(turn, ctx, { before: session, session: changed, step });
		return done;
	});
}

async function stop(tools: Tools, ctx: Context): Promise<Answer> {
	return tools.turns.take(async (turn) => {
		const session = await findSupervision(turn.tx, ctx.params["id"] ?? "");
		const { userId } = ctx.caller;
		const isMine = session?.supervisorId === userId;
		if (session === undefined || !(isMine || (session.agentId === userId && isSeen(session)))) {
			return notThere;
		}
		if (!isMine && session.supervisorId !== null) {
			return fault(403, "not_permitted", "Only the supervisor ends the session.");
		}
		await endSupervision(turn, session);
		return done;
	});
}
