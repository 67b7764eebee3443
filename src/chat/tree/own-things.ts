// What agents keep for themselves: scratch space that their windows share, settings, and what they may deny supervisors.

import { Type } from "typebox";
import { type AgentState, findAgent, freshAgent } from "#storage/chat-agents.ts";
import { autoAnswerSetting } from "../offers.ts";
import { defaultPresence } from "../presences.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { leaf } from "../tells.ts";
import { bodyOf } from "./body.ts";
import { agentsOnly, type Context, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const entriesMax = 50;
const uiName = "^[0-9A-Za-z]{1,50}$";
const uiBody = bodyOf(
	Type.Record(Type.String({ pattern: uiName }), Type.String({ maxLength: 256 }), { additionalProperties: false }),
);
const namesBody = bodyOf(Type.Array(Type.String({ pattern: uiName }), { maxItems: entriesMax }));

/** Names of the original that mean something here, with what they are where nobody set them. */
const settingNames: Readonly<Record<string, string>> = {
	[autoAnswerSetting]: "0",
	ECFUI_SupervisorChatQueue: "",
	ECFUI_EnableSupervisorDenyButton: "0",
};
const settingsBody = bodyOf(
	Type.Record(
		Type.String({ pattern: "^ECFUI_[A-Za-z_]{1,60}$" }),
		Type.Object({ value: Type.String({ maxLength: 256 }) }),
		{
			additionalProperties: false,
		},
	),
);
const denialsBody = bodyOf(Type.Record(Type.String({ maxLength: 40 }), Type.Boolean()));

export function ownResources(tools: Tools): Resource[] {
	return [
		{
			path: "ui",
			for: agentsOnly,
			read: async (ctx) => ({ value: (await agentOf(ctx)).ui }),
			put: (ctx) => putUi(tools, ctx),
			delete: (ctx) => deleteUi(tools, ctx),
		},
		{
			path: "ui/:name",
			for: agentsOnly,
			async read(ctx) {
				const value = (await agentOf(ctx)).ui[ctx.params["name"] ?? ""];
				return value === undefined ? notThere : { value };
			},
		},
		{
			path: "properties/user_settings",
			for: agentsOnly,
			read: async (ctx) => ({ value: toWireSettings(await agentOf(ctx)) }),
			put: (ctx) => putSettings(tools, ctx),
		},
		{
			path: "properties/supervising",
			for: agentsOnly,
			read: async (ctx) => ({ value: (await agentOf(ctx)).supervising }),
			put: (ctx) => putDenials(tools, ctx),
		},
		{ path: "scripts", for: agentsOnly, read: () => Promise.resolve({ value: [] }) },
		{
			path: "personal_data_reports",
			for: agentsOnly,
			read: () => Promise.resolve(fault(403, "not_permitted", "Reports on personal data are not made here.")),
		},
	];
}

async function agentOf({ db, caller }: Context): Promise<AgentState> {
	return (await findAgent(db, caller.userId)) ?? freshAgent(caller.userId, defaultPresence);
}

function toWireSettings({ settings }: AgentState) {
	const names = new Set([...Object.keys(settingNames), ...Object.keys(settings)]);
	return Object.fromEntries(
		[...names].map((name) => [name, { value: settings[name] ?? settingNames[name] ?? "", allow_update: true }]),
	);
}

async function putUi(tools: Tools, ctx: Context): Promise<Answer> {
	const read = uiBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	return change(tools, ctx, (agent) => {
		const ui = { ...agent.ui, ...read.body };
		return Object.keys(ui).length > entriesMax
			? fault(400, "too_many", `There may be ${entriesMax} entries.`)
			: { agent: { ...agent, ui }, path: "/ui", value: ui };
	});
}

async function deleteUi(tools: Tools, ctx: Context): Promise<Answer> {
	const read = namesBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	return change(tools, ctx, (agent) => {
		const ui = Object.fromEntries(Object.entries(agent.ui).filter(([name]) => !read.body.includes(name)));
		return { agent: { ...agent, ui }, path: "/ui", value: ui };
	});
}

async function putSettings(tools: Tools, ctx: Context): Promise<Answer> {
	const read = settingsBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const unknown = Object.keys(read.body).find((name) => !Object.hasOwn(settingNames, name));
	if (unknown !== undefined) {
		return fault(403, "unknown_setting", `There is no setting ${unknown}.`);
	}
	const values = Object.fromEntries(Object.entries(read.body).map(([name, { value }]) => [name, value]));
	return change(tools, ctx, (agent) => {
		const next = { ...agent, settings: { ...agent.settings, ...values } };
		return { agent: next, path: "/properties/user_settings", value: toWireSettings(next) };
	});
}

async function putDenials(tools: Tools, ctx: Context): Promise<Answer> {
	const read = denialsBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const denials = Object.fromEntries(
		Object.entries(read.body).filter(([name]) =>
			/^deny_(supervising|barge_in|silent_listening|coaching|hangup|intercept|record)$/.test(name),
		),
	);
	return change(tools, ctx, (agent) => {
		if (agent.settings["ECFUI_EnableSupervisorDenyButton"] !== "1") {
			return fault(403, "not_permitted", "The setting ECFUI_EnableSupervisorDenyButton does not allow it.");
		}
		const supervising = { ...agent.supervising, ...denials };
		return { agent: { ...agent, supervising }, path: "/properties/supervising", value: supervising };
	});
}

type Changed = { agent: AgentState; path: string; value: unknown };

/** The same value again is no change, and nobody is told of it. */
function change(tools: Tools, ctx: Context, compute: (agent: AgentState) => Changed | Answer): Promise<Answer> {
	const { userId } = ctx.caller;
	return tools.turns.take(async (turn) => {
		const agent = (await findAgent(turn.tx, userId)) ?? freshAgent(userId, defaultPresence);
		const changed = compute(agent);
		if ("status" in changed) {
			return changed;
		}
		if (JSON.stringify(changed.agent) !== JSON.stringify(agent)) {
			await turn.agent(userId, () => changed.agent, [leaf("PUT", changed.path, changed.value)]);
		}
		return done;
	});
}
