// /sandbox: simulated providers for who wants to try everything without an account. Started on demand, never by itself;
// what it made is deleted when it is stopped.

import { connectorOf } from "#connectors/registry.ts";
import { Problem } from "#platform/problems.ts";
import type { Db } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Need, type Route, route } from "../route.ts";
import { type RunningSimulator, type Sandbox, sandboxFaults } from "../sandbox-port.ts";
import { closed, idSchema, line } from "../schemas.ts";
import {
	makeSample,
	mendSample,
	removeSamples,
	type SampleService,
	type SandboxContext,
	sampleServices,
} from "./sandbox-samples.ts";
import { oneOf, textOrNull } from "./service-schemas.ts";

const objectType = "messagingService";
const onEvery = (access: Need["access"]): Need => ({ objectType, access, on: "every" });

const sandboxReply = Type.Object({
	available: Type.Boolean({ description: "Whether it can be started in this process." }),
	unavailableBecause: textOrNull({ description: "Why not, and what to do; null: it can." }),
	running: Type.Boolean({ description: "In this process. After a restart it is not: start it again." }),
	types: Type.Array(
		Type.Object({
			type: Type.String(),
			label: Type.String(),
			usual: Type.Boolean({ description: "Started when no types are named." }),
		}),
		{ description: "What can be simulated." },
	),
	services: Type.Array(
		Type.Object({
			type: Type.String(),
			serviceId: idSchema,
			name: Type.String(),
			running: Type.Boolean({ description: "Whether its simulator runs in this process." }),
			fault: oneOf(sandboxFaults, { description: "What goes wrong at the simulated provider just now." }),
		}),
		{ description: "The sample messaging services that the caller may view." },
	),
	personas: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
		description: "Contacts outside, who write when they are told to and answer what is sent to them.",
	}),
});

const read = route({
	method: "GET",
	path: "/sandbox",
	summary: "Tells what the sandbox offers and what of it runs.",
	needs: { who: "holders", rights: [{ objectType, access: "view", on: "some" }] },
	reply: sandboxReply,
	status: 200,
	async run(ctx) {
		return { status: 200, body: await shown(ctx.deps.storage.db, ctx) };
	},
});

const typeName = Type.String({ minLength: 1, maxLength: 64 });

const start = route({
	method: "POST",
	path: "/sandbox",
	summary: "Starts simulated providers and makes a sample messaging service for each.",
	description:
		"What runs already stays as it is. After a restart the samples that are there get fresh simulators: the same accounts at new addresses.",
	needs: { who: "holders", rights: [onEvery("create"), onEvery("modify")] },
	body: Type.Object(
		{
			types: Type.Optional(
				Type.Array(typeName, {
					minItems: 1,
					maxItems: 50,
					description: "Service types; without it those marked usual, and those that have a sample already.",
				}),
			),
		},
		closed,
	),
	reply: sandboxReply,
	status: 200,
	async run(ctx) {
		const { sandbox, storage } = ctx.deps;
		demandAvailable(sandbox);
		await sandbox.alone(async () => {
			const known = await sampleServices(storage.db);
			await startTypes(ctx, known, ctx.body.types ?? [...sandbox.usualTypes, ...known.map(({ type }) => type)]);
		});
		return { status: 200, body: await shown(storage.db, ctx) };
	},
});

async function startTypes(
	ctx: SandboxContext,
	known: readonly SampleService[],
	wanted: readonly string[],
): Promise<void> {
	const { sandbox } = ctx.deps;
	const types = [...new Set(wanted)];
	for (const type of types) {
		demandOffered(sandbox, type);
	}
	const isConnected = (type: string): boolean => {
		const serviceId = sandbox.running().find((one) => one.type === type)?.serviceId;
		return known.some((one) => one.type === type && one.serviceId === serviceId);
	};
	const missing = types.filter((type) => !isConnected(type));
	if (missing.length === 0) {
		return;
	}
	const accounts = await sandbox.start(missing);
	const connections = await ctx.write(async (tx) => {
		const made = [];
		for (const account of accounts) {
			made.push(await makeSample(tx, ctx, account));
		}
		await recordChange(tx, ctx, { ...sandboxChange("startSandbox"), after: { types: missing } });
		return made;
	});
	for (const { userId } of known) {
		ctx.deps.identity.forget(userId ?? ""); // Its password is another one by now.
	}
	for (const connection of connections) {
		await sandbox.connect(connection);
	}
}

const stop = route({
	method: "DELETE",
	path: "/sandbox",
	summary: "Stops the sandbox and deletes its sample messaging services.",
	description: "Messages of theirs that wait to be sent fail. Conversations stay until they are too old, as always.",
	needs: { who: "holders", rights: [onEvery("create"), onEvery("modify"), onEvery("delete")] },
	status: 204,
	async run(ctx) {
		const { sandbox, identity } = ctx.deps;
		await sandbox.alone(async () => {
			const gone = await ctx.write(async (tx) => {
				const users = await removeSamples(tx, ctx);
				await recordChange(tx, ctx, sandboxChange("stopSandbox"));
				return users;
			});
			for (const userId of gone) {
				identity.forget(userId);
			}
			await sandbox.stop();
		});
		return { status: 204 };
	},
});

const onRow: Need = { objectType, access: "modify", on: "row" };

const writeMessage = route({
	method: "POST",
	path: "/sandbox/messages",
	summary: "Lets a contact of the sandbox write a message.",
	description: "It comes by the messaging service's webhook, signed as the provider would.",
	needs: { who: "holders", rights: [onRow] },
	body: Type.Object(
		{
			service: idSchema,
			from: Type.Optional(line(64, "The id of a persona; without it the first one writes.")),
			text: Type.String({ minLength: 1, maxLength: 1000 }),
		},
		closed,
	),
	reply: Type.Object({
		persona: Type.String(),
		status: Type.Integer({ description: "What our webhook answered to the simulated provider." }),
	}),
	status: 200,
	async run(ctx) {
		const { sandbox } = ctx.deps;
		const { service, from = sandbox.personas[0]?.id ?? "", text } = ctx.body;
		const { type } = await demandRunning(ctx, service);
		if (!sandbox.personas.some(({ id }) => id === from)) {
			const message = `must be one of: ${sandbox.personas.map(({ id }) => id).join(", ")}.`;
			throw new Problem("invalid_body", "There is no such persona.", [{ pointer: "/from", message }]);
		}
		const { status } = await sandbox.write({ type, persona: from, text });
		return { status: 200, body: { persona: from, status } };
	},
});

const misbehave = route({
	method: "POST",
	path: "/sandbox/faults",
	summary: "Lets a simulated provider misbehave, so that you see what that looks like.",
	needs: { who: "holders", rights: [onRow] },
	body: Type.Object(
		{
			service: idSchema,
			fault: oneOf(sandboxFaults, {
				description:
					"`wrongCredentials`: every call is refused · `throttled`: too many calls, come again in 5 seconds · `slow`: 5 seconds for each answer · `down`: connections are cut · `none`: all is well again.",
			}),
		},
		closed,
	),
	status: 204,
	async run(ctx) {
		const { sandbox } = ctx.deps;
		const { service, fault } = ctx.body;
		const before = await demandRunning(ctx, service);
		await sandbox.misbehave(before.type, fault);
		const change = sandboxChange("changeSandbox");
		const [was, is] = [{ fault: before.fault }, { fault }];
		await ctx.write(async (tx) => {
			await recordChange(tx, ctx, { ...change, objectId: service, before: was, after: is });
			if (fault === "none" && before.fault !== "none") {
				await mendSample(tx, ctx, service);
			}
		});
		return { status: 204 };
	},
});

function sandboxChange(action: string) {
	return { action, objectType, objectId: null, objectName: "Sandbox" };
}

function demandAvailable({ unavailableBecause }: Sandbox): void {
	if (unavailableBecause !== undefined) {
		throw new Problem("conflict", unavailableBecause);
	}
}

function demandOffered({ types }: Sandbox, type: string): void {
	if (!types.includes(type)) {
		const message = `has a type without a simulator; choose from ${types.join(", ")}.`;
		throw new Problem("invalid_body", `The sandbox does not simulate ${type}.`, [{ pointer: "/types", message }]);
	}
}

/** The simulator of that service, if the caller may have it do something. */
async function demandRunning(
	{ deps, demand }: Pick<AnyContext, "deps" | "demand">,
	serviceId: string,
): Promise<RunningSimulator> {
	demand("modify", objectType, serviceId);
	demandAvailable(deps.sandbox);
	const known = await sampleServices(deps.storage.db);
	if (!known.some((sample) => sample.serviceId === serviceId)) {
		throw new Problem("not_found", "This is no messaging service of the sandbox; GET /sandbox lists those there are.");
	}
	const found = deps.sandbox.running().find((one) => one.serviceId === serviceId);
	if (found === undefined) {
		throw new Problem("conflict", "The sandbox does not run in this process; start it with POST /sandbox.");
	}
	return found;
}

async function shown(db: Db, { deps, may }: Pick<AnyContext, "deps" | "may">) {
	const { sandbox } = deps;
	const running = sandbox.running();
	const visible = (await sampleServices(db)).filter(({ serviceId }) => may("view", objectType, { id: serviceId }));
	return {
		available: sandbox.unavailableBecause === undefined,
		unavailableBecause: sandbox.unavailableBecause ?? null,
		running: running.length > 0,
		types: sandbox.types.map((type) => ({
			type,
			label: connectorOf(type)?.config.form.label ?? type,
			usual: sandbox.usualTypes.includes(type),
		})),
		services: visible.map(({ type, serviceId, service }) => {
			const simulator = running.find((one) => one.serviceId === serviceId);
			return {
				type,
				serviceId,
				name: service.name,
				running: simulator !== undefined,
				fault: simulator?.fault ?? "none",
			};
		}),
		personas: [...sandbox.personas],
	};
}

export const sandboxRoutes: readonly Route[] = [read, start, stop, writeMessage, misbehave];
