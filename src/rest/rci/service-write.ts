// Carries out a planned change of a messaging service in the caller's transaction: seals the secrets, writes the rows,
// tells the audit log.

import { type Connector, ruleFor } from "#connectors/kit/rules.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { Problem } from "#platform/problems.ts";
import {
	type AuthenticationEntry,
	type MessagingService,
	type Written,
	findService,
	insertService,
	deleteService,
	updateService,
} from "#storage/services.ts";
import { giveUpMedia } from "#storage/attachments.ts";
import { deleteGrantsOn } from "#storage/grants.ts";
import { giveUpParts } from "#storage/service-dependents.ts";
import { forgetFaults } from "#storage/vitals.ts";
import {
	type SecretTools,
	openCurrentSecret,
	openService,
	sealPrevious,
	sealSecret,
	validPrevious,
} from "#storage/service-secrets.ts";
import type { Db, Tx } from "#storage/storage.ts";
import type { RestDeps } from "../deps.ts";
import { recordChange } from "../record-change.ts";
import type { AnyContext } from "../route.ts";
import type { PlannedEntry } from "./entry-plan.ts";
import { type EnteredService, type ServicePlan, planService } from "./service-plan.ts";

export type Ctx = Pick<AnyContext, "deps" | "principal" | "via" | "demandVersion">;
/** The service as it is now, and what was mended or should be known about this very change. */
export type Saved = { service: MessagingService; notes: readonly string[] };

export function connectorFor(type: string): Connector<unknown> {
	const connector = connectorOf(type);
	if (connector === undefined) {
		throw invalid([{ pointer: "/type", message: `must be one of ${serviceTypes().join(", ")}.` }]);
	}
	return connector;
}

export function invalid(problems: readonly { pointer: string; message: string }[]): Problem {
	const [first] = problems;
	const detail = first === undefined ? "A rule is broken." : `${first.pointer} ${first.message}`;
	return new Problem("invalid_configuration", detail, problems);
}

export async function readService(db: Db, id: string): Promise<MessagingService> {
	const service = await findService(db, id);
	if (service === undefined) {
		throw new Problem("not_found", "There is no messaging service with this id.");
	}
	return service;
}

export async function createService(tx: Tx, ctx: Ctx, type: string, entered: EnteredService): Promise<Saved> {
	const { deps } = ctx;
	const now = deps.clock.now();
	const plan = planService(connectorFor(type), entered, undefined, now);
	if (!plan.ok) {
		throw invalid(plan.problems);
	}
	const id = deps.ids.next<ServiceId>();
	const { entries, notes } = toEntries(deps, plan, undefined, now);
	const written = await insertService(tx, { id, type, ...plan.fields, authentications: entries }, now);
	demandWritten(written, type);
	return finish(tx, ctx, { id, before: undefined, plan, notes: [...plan.notes, ...notes] });
}

/** @param change Makes of the stored service what it is to become. */
export async function changeService(
	tx: Tx,
	ctx: Ctx,
	id: string,
	change: (before: MessagingService) => EnteredService,
): Promise<Saved> {
	const { deps } = ctx;
	const before = await readService(tx, id);
	ctx.demandVersion(before.version);
	const now = deps.clock.now();
	const stored = { service: before, opened: openService(before, deps.secretBox, now) };
	const plan = planService(connectorFor(before.type), change(before), stored, now);
	if (!plan.ok) {
		throw invalid(plan.problems);
	}
	const { entries, notes } = toEntries(deps, plan, before, now);
	const { version } = before;
	const written = await updateService(tx, { id: before.id, version, ...plan.fields, authentications: entries }, now);
	demandWritten(written, before.type);
	await forgetFaults(tx, before.id);
	return finish(tx, ctx, { id: before.id, before, plan, notes: [...plan.notes, ...notes] });
}

/** With what hangs on it: messages that wait will fail. */
export async function removeService(tx: Tx, ctx: Ctx, service: MessagingService): Promise<void> {
	if (!(await deleteService(tx, service))) {
		throw new Problem("precondition_failed", "Somebody else changed the messaging service at the same moment.");
	}
	const failedParts = await giveUpParts(tx, service.id, ctx.deps.clock.now());
	await giveUpMedia(tx, service.id);
	await deleteGrantsOn(tx, "messagingService", service.id);
	await recordChange(tx, ctx, {
		action: "delete",
		objectType: "messagingService",
		objectId: service.id,
		objectName: service.name,
		before: { ...toAudited(service), failedParts },
	});
}

function demandWritten(written: Written, type: string): void {
	if (written === "name taken") {
		throw new Problem("duplicate_name", `There is a messaging service of the type ${type} with this name already.`, [
			{ pointer: "/name", message: "is taken; choose another." },
		]);
	}
	if (written === "changed meanwhile") {
		throw new Problem("precondition_failed", "Somebody else changed the messaging service at the same moment.");
	}
}

type GoodPlan = Extract<ServicePlan, { ok: true }>;
type Entries = { entries: readonly AuthenticationEntry[]; notes: readonly string[] };

function toEntries(deps: RestDeps, plan: GoodPlan, before: MessagingService | undefined, now: Date): Entries {
	const tools: SecretTools = {
		box: deps.secretBox,
		fingerprint: (secret) => Buffer.from(deps.mac("secret fingerprint", secret)).toString("hex").slice(0, 4),
	};
	const made = plan.entries.map((entry) => toEntry({ tools, entry, plan, before, now }, deps.ids.next()));
	return { entries: made.map(({ entry }) => entry), notes: made.flatMap(({ note }) => note ?? []) };
}

type EntryInput = {
	tools: SecretTools;
	entry: PlannedEntry;
	plan: GoodPlan;
	before: MessagingService | undefined;
	now: Date;
};

function toEntry(input: EntryInput, newId: AuthenticationEntryId): { entry: AuthenticationEntry; note?: string } {
	const { entry, now } = input;
	const id = entry.before?.id ?? newId;
	const { previous, note } = toPrevious(input, id);
	const isTouched =
		entry.secret.kind === "set" || (entry.secret.kind === "clear" && (entry.before?.secret ?? null) !== null);
	return {
		entry: {
			id,
			authenticationId: entry.authenticationId,
			direction: entry.direction,
			secret: toSecret(input, id),
			previous,
			changedAt: isTouched ? now : (entry.before?.changedAt ?? null),
		},
		...(note === undefined ? {} : { note }),
	};
}

function toSecret({ tools, entry, plan }: EntryInput, id: string): AuthenticationEntry["secret"] {
	switch (entry.secret.kind) {
		case "set":
			return sealSecret(tools, { id, direction: entry.direction }, entry.secret.value, plan.fields);
		case "keep":
			return entry.before?.secret ?? null;
		case "clear":
			return null;
	}
}

type Previous = { previous: AuthenticationEntry["previous"]; note?: string };

function toPrevious({ tools, entry, plan, before, now }: EntryInput, id: string): Previous {
	const running = entry.before === undefined ? null : validPrevious(entry.before, now);
	switch (entry.previous.kind) {
		case "drop":
			return { previous: null };
		case "keep":
			return { previous: running };
		case "until":
			return { previous: running === null ? null : { ...running, validUntil: entry.previous.validUntil } };
		case "kept":
			break;
	}
	const { validUntil } = entry.previous;
	const secret =
		entry.before === undefined || before === undefined ? undefined : openCurrentSecret(entry.before, before, tools.box);
	return secret === undefined
		? {
				previous: null,
				note: `The earlier secret of ${entry.authenticationId} does not open, so only the new one is valid.`,
			}
		: { previous: sealPrevious(tools, { id, direction: entry.direction }, { secret, validUntil }, plan.fields) };
}

type Finish = {
	id: ServiceId;
	before: MessagingService | undefined;
	plan: GoodPlan;
	notes: readonly string[];
};

async function finish(tx: Tx, ctx: Ctx, { id, before, plan, notes }: Finish): Promise<Saved> {
	const service = await readService(tx, id);
	await recordChange(tx, ctx, {
		action: before === undefined ? "create" : "modify",
		objectType: "messagingService",
		objectId: id,
		objectName: service.name,
		...(before === undefined ? {} : { before: toAudited(before) }),
		after: toAudited(service),
		secretsChanged: secretsChanged(plan.entries),
	});
	return { service, notes };
}

/** What the audit log compares; of secrets only whether one is set. */
export function toAudited(service: MessagingService): Readonly<Record<string, unknown>> {
	const form = connectorOf(service.type)?.config.form;
	return {
		type: service.type,
		name: service.name,
		enabled: service.enabled,
		serviceConnection: service.serviceConnection,
		authenticationUrl: service.authenticationUrl,
		authenticationScope: service.authenticationScope,
		incomingMode: service.incomingMode,
		settings: service.settings,
		stoppedReason: service.stoppedReason,
		authentications: service.authentications.map((entry) => ({
			authenticationId: entry.authenticationId,
			direction: entry.direction,
			role: form === undefined ? null : (ruleFor(form, entry.authenticationId)?.role ?? null),
			password: entry.secret === null ? "not set" : "set",
			previousValidUntil: entry.previous?.validUntil.toISOString() ?? null,
		})),
	};
}

function secretsChanged(entries: readonly PlannedEntry[]): Readonly<Record<string, "set" | "not set">> {
	return Object.fromEntries(
		entries.flatMap(({ authenticationId, secret, before }) => {
			const isCleared = secret.kind === "clear" && (before?.secret ?? null) !== null;
			const now = secret.kind === "set" ? "set" : "not set";
			return secret.kind === "set" || isCleared ? [[`password of ${authenticationId}`, now]] : [];
		}),
	) as Record<string, "set" | "not set">;
}
