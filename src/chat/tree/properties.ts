// /users/me/properties: who one is, and what one sets for oneself. Every change is told as the leaf that changed.

import { Type } from "typebox";
import { addressKey } from "#domain/chains.ts";
import { findAgent, freshAgent, type AgentState } from "#storage/chat-agents.ts";
import { findVisitor, freshVisitor, saveVisitor, type Visitor } from "#storage/chat-visitors.ts";
import { isTaken } from "../known.ts";
import { allowedQueues } from "../people.ts";
import { defaultPresence, isAbsent, type PresenceProfile, presenceProfiles } from "../presences.ts";
import { type Answer, type Caller, done, fault } from "../resource.ts";
import { leaf, type Step } from "../tells.ts";
import { addressSchema, aliasSchema, bodyOf } from "./body.ts";
import { agentsOnly, type Context, everybody, type Found, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const capabilities = Type.Object({
	video_chat: Type.Optional(Type.Boolean()),
	phone: Type.Optional(Type.Boolean()),
});
const workStatus = Type.Union([Type.Literal("ready"), Type.Literal("not_ready")]);

const agentBody = bodyOf(
	Type.Object({
		work_status: Type.Optional(workStatus),
		login_status: Type.Optional(Type.Union([Type.Literal("logged_in"), Type.Literal("logged_out")])),
		presence: Type.Optional(Type.String({ pattern: "^[A-Fa-f0-9]{32}$" })),
		alias: Type.Optional(aliasSchema),
		chat_address: Type.Optional(Type.String({ maxLength: 254 })),
		username: Type.Optional(Type.String({ maxLength: 254 })),
		capabilities: Type.Optional(capabilities),
	}),
);
const visitorBody = bodyOf(
	Type.Object({
		chat_address: Type.Optional(Type.Union([addressSchema, Type.Literal("")])),
		alias: Type.Optional(aliasSchema),
		language: Type.Optional(Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", maxLength: 35 })),
		capabilities: Type.Optional(capabilities),
	}),
);
const capabilitiesBody = bodyOf(capabilities);

export function propertiesResources(tools: Tools): Resource[] {
	return [
		{ path: "properties", for: everybody, read: (ctx) => readProperties(ctx), put: (ctx) => change(tools, ctx) },
		{
			path: "properties/capabilities",
			for: everybody,
			read: (ctx) => readLeaf(ctx, "capabilities"),
			put: (ctx) => putCapabilities(tools, ctx),
		},
		{
			path: "properties/phone",
			for: agentsOnly,
			read: (ctx) => readLeaf(ctx, "phone"),
			put: () => Promise.resolve(fault(403, "no_telephony", "Parley has no telephony.")),
		},
		...["work_status", "login_status", "presence", "alias", "chat_address", "permissions", "language"].map(
			(name): Resource => ({
				path: `properties/${name}`,
				for: everybody,
				read: (ctx) => readLeaf(ctx, name),
			}),
		),
	];
}

async function readProperties(ctx: Context): Promise<Found> {
	return { value: await propertiesOf(ctx) };
}

async function readLeaf(ctx: Context, name: string): Promise<Found> {
	return { value: (await propertiesOf(ctx))[name] };
}

async function propertiesOf(ctx: Context): Promise<Readonly<Record<string, unknown>>> {
	if (ctx.caller.kind === "visitor") {
		return visitorProperties(await visitorOf(ctx), ctx.caller);
	}
	const { userId } = ctx.caller;
	const agent = (await findAgent(ctx.db, userId)) ?? freshAgent(userId, defaultPresence);
	const { address, alias } = ctx.known.name(userId);
	return {
		id: userId,
		...(await accountOf(ctx)),
		alias: agent.alias ?? alias,
		login_status: "logged_in",
		work_status: agent.workStatus,
		presence: agent.presence,
		presence_profiles: presenceProfiles.map(toWireProfile),
		chat_address: address,
		extension: "",
		permissions: permissionsOf(ctx),
		terminal_id: ctx.caller.terminalId,
		phone: noPhone,
		capabilities: agent.capabilities,
		supervising: { ...noDenials, ...agent.supervising },
	};
}

async function accountOf({ db, caller }: Context) {
	const account = await db
		.selectFrom("users")
		.select(["login", "first_name", "surname", "email", "ui_language"])
		.where("id", "=", caller.userId)
		.executeTakeFirst();
	return {
		name: { first_name: account?.first_name ?? "", last_name: account?.surname ?? "" },
		username: account?.login ?? "",
		email_address: account?.email ?? "",
		language: wireLanguage(account?.ui_language ?? null),
	};
}

function visitorProperties(visitor: Visitor, caller: Caller): Readonly<Record<string, unknown>> {
	const { chatAddress, alias } = visitor;
	return {
		id: caller.userId,
		name: { first_name: "", last_name: "" },
		username: "",
		// Without a name the address's first half shows.
		alias: alias === "" ? (chatAddress.split("@")[0] ?? "") : alias,
		login_status: "anonymous",
		work_status: "not_ready",
		chat_address: chatAddress,
		language: wireLanguage(visitor.language),
		permissions: { ...noPermissions, chat: true },
		terminal_id: caller.terminalId,
		capabilities: visitor.capabilities,
	};
}

/** With the address that is given to whoever has none. */
export async function visitorOf({ db, caller }: Pick<Context, "db" | "caller">): Promise<Visitor> {
	return (await findVisitor(db, caller.userId)) ?? freshVisitor(caller.userId);
}

function toWireProfile({ id, type, name, availability, reason }: PresenceProfile) {
	const settings = { reason, default_behaviour: "PASS", duration: "NONE", priority: "0" };
	return { id, type, name, availability, settings };
}

/** The protocol's languages; what it does not have is English. */
const wireLanguages = "EN CS DA DE ES ET FI FR HU IT JA NL NO PL PT RU SK SV TR ZH".split(" ");

function wireLanguage(tag: string | null): string {
	const language = (tag ?? "en").slice(0, 2).toUpperCase();
	return wireLanguages.includes(language) ? language : "EN";
}

const noPermissions = {
	ecf_phone: false,
	phone: false,
	mtd: false,
	video: false,
	email: false,
	external_agent: false,
	chat: false,
	dpo: false,
	update_user: false,
	update_user_settings: true,
	update_visible_a_number: false,
	recording: "disabled",
};

function permissionsOf({ grants, known }: Context) {
	const served = allowedQueues(
		grants,
		"serve",
		known.queues.map(({ id }) => id),
	);
	return { ...noPermissions, chat: served.size > 0 };
}

const noPhone = {
	sip_host: "",
	sip_connected: false,
	extension: "",
	sip_proxies: [],
	external_agent: { number: "", permanent: false },
	mtd: { active: false },
};

const noDenials = Object.fromEntries(
	["supervising", "barge_in", "silent_listening", "coaching", "hangup", "intercept", "record"].map((name) => [
		`deny_${name}`,
		false,
	]),
);

function change(tools: Tools, ctx: Context): Promise<Answer> {
	return ctx.caller.kind === "visitor" ? changeVisitor(tools, ctx) : changeAgent(tools, ctx);
}

type AgentChange = Extract<ReturnType<typeof agentBody>, { ok: true }>["body"];

async function changeAgent(tools: Tools, ctx: Context): Promise<Answer> {
	const read = agentBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { userId } = ctx.caller;
	const { body } = read;
	const refusal = refusedChange(body, ctx);
	if (refusal !== undefined) {
		return refusal;
	}
	// Logging out is the wire's business, after it has answered.
	return tools.turns.take(async (turn) => {
		const agent = (await findAgent(turn.tx, userId)) ?? freshAgent(userId, defaultPresence);
		const next = changedAgent(agent, body, turn.now);
		if (next.workStatus === "ready" && agent.workStatus !== "ready" && isAbsent(next.presence)) {
			return fault(403, "absent", "An absence is active; choose another presence before you are ready.");
		}
		const steps = agentSteps(agent, next, ctx.known.name(userId).alias);
		if (steps.length > 0) {
			await turn.agent(userId, () => next, steps);
		}
		return done;
	});
}

function refusedChange({ chat_address, username }: AgentChange, ctx: Context): Answer | undefined {
	const { address } = ctx.known.name(ctx.caller.userId);
	if (chat_address !== undefined && addressKey(chat_address) !== addressKey(address)) {
		return fault(403, "chat_address", "Your chat address comes from your logon name; ask an administrator.");
	}
	return username === undefined ? undefined : fault(403, "username", "Your logon name is changed by an administrator.");
}

function changedAgent(agent: AgentState, body: AgentChange, now: number): AgentState {
	const presence = presenceProfiles.find(({ id }) => id === body.presence?.toUpperCase())?.id ?? agent.presence;
	// Who goes away is not offered anything.
	const wished = body.work_status ?? agent.workStatus;
	const workStatus = isAbsent(presence) && presence !== agent.presence ? "not_ready" : wished;
	return {
		...agent,
		presence,
		workStatus,
		workSince: workStatus === agent.workStatus ? agent.workSince : now,
		freedAt: workStatus === agent.workStatus ? agent.freedAt : now,
		alias: body.alias === undefined ? agent.alias : body.alias === "" ? null : body.alias,
		capabilities: body.capabilities ?? agent.capabilities,
	};
}

function agentSteps(before: AgentState, after: AgentState, configuredAlias: string): Step[] {
	return [
		...(before.workStatus === after.workStatus ? [] : [leaf("PUT", "/properties/work_status", after.workStatus)]),
		...(before.presence === after.presence ? [] : [leaf("PUT", "/properties/presence", after.presence)]),
		...(before.alias === after.alias ? [] : [leaf("PUT", "/properties/alias", after.alias ?? configuredAlias)]),
		...(before.capabilities === after.capabilities
			? []
			: [leaf("PUT", "/properties/capabilities", after.capabilities)]),
	];
}

async function putCapabilities(tools: Tools, ctx: Context): Promise<Answer> {
	const read = capabilitiesBody(ctx.body);
	return read.ok ? change(tools, { ...ctx, body: { capabilities: read.body } }) : read.answer;
}

type VisitorChange = Extract<ReturnType<typeof visitorBody>, { ok: true }>["body"];

async function changeVisitor(tools: Tools, ctx: Context): Promise<Answer> {
	const read = visitorBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { body } = read;
	if (body.chat_address !== undefined && isTaken(body.chat_address, ctx.known)) {
		return fault(403, "chat_address", "This address belongs to the contact centre; use your own.");
	}
	return tools.turns.take(async (turn) => {
		const visitor = (await findVisitor(turn.tx, ctx.caller.userId)) ?? freshVisitor(ctx.caller.userId);
		const next = changedVisitor(visitor, body, turn.now);
		await saveVisitor(turn.tx, next);
		turn.tell({ to: visitor.id, steps: visitorSteps(visitor, next) });
		return done;
	});
}

function changedVisitor(visitor: Visitor, body: VisitorChange, now: number): Visitor {
	return {
		...visitor,
		// Who has proven who they are keeps the address that the site gave with the first proof.
		chatAddress: visitor.provenId === null && body.chat_address ? body.chat_address : visitor.chatAddress,
		alias: body.alias ?? visitor.alias,
		language: body.language ?? visitor.language,
		capabilities: body.capabilities ?? visitor.capabilities,
		seenAt: now,
	};
}

function visitorSteps(before: Visitor, after: Visitor): Step[] {
	return [
		...(before.chatAddress === after.chatAddress ? [] : [leaf("PUT", "/properties/chat_address", after.chatAddress)]),
		...(before.alias === after.alias ? [] : [leaf("PUT", "/properties/alias", after.alias)]),
		...(before.language === after.language ? [] : [leaf("PUT", "/properties/language", wireLanguage(after.language))]),
		...(before.capabilities === after.capabilities
			? []
			: [leaf("PUT", "/properties/capabilities", after.capabilities)]),
	];
}
