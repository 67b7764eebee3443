// From what was entered to what will be stored: mends what is obviously meant, decides about every secret, and checks
// the rules of the type. Pure: either a plan with notes, or the broken rules.

import {
	type Connector,
	type ConnectorForm,
	type StoredService,
	brokenRules,
	mendAuthenticationId,
	ruleFor,
} from "#connectors/kit/rules.ts";
import type { ServiceId } from "#domain/ids.ts";
import type { AuthenticationEntry, MessagingService, ServiceFields } from "#storage/services.ts";
import { type OpenedService, secretOrigin } from "#storage/service-secrets.ts";
import { type EnteredEntry, type FieldProblem, type PlannedEntry, matchEntries, planEntry } from "./entry-plan.ts";

export type EnteredService = Omit<ServiceFields, "settings"> & {
	settings: unknown;
	authentications: readonly EnteredEntry[];
};

export type ServicePlan =
	| { ok: true; fields: ServiceFields; entries: readonly PlannedEntry[]; notes: readonly string[] }
	| { ok: false; problems: readonly FieldProblem[] };

export type Stored = { service: MessagingService; opened: OpenedService };

export function planService(
	connector: Connector<unknown>,
	entered: EnteredService,
	stored: Stored | undefined,
	now: Date,
): ServicePlan {
	const { form } = connector.config;
	const { fields, notes, problems } = toFields(form, entered);
	const moved = stored === undefined ? undefined : movedSecrets(connector.config, stored.service, fields);
	const entries = planEntries(form, { moved, entered: entered.authentications, stored: stored?.service, now });
	const found = [
		...problems,
		...entries.problems,
		...brokenRules(connector.config, toStored(fields, entries.planned, stored)),
	];
	return found.length > 0
		? { ok: false, problems: withoutRepeats(found) }
		: { ok: true, fields, entries: entries.planned, notes: [...notes, ...entries.notes] };
}

function withoutRepeats(problems: readonly FieldProblem[]): readonly FieldProblem[] {
	return problems.filter(({ pointer }, index) => problems.findIndex((other) => other.pointer === pointer) === index);
}

type Fields = { fields: ServiceFields; notes: readonly string[]; problems: readonly FieldProblem[] };

function toFields(form: ConnectorForm, entered: EnteredService): Fields {
	const { title, default: usual } = form.serviceConnection;
	const given = entered.serviceConnection.trim();
	const name = entered.name.trim();
	const isMap = typeof entered.settings === "object" && entered.settings !== null && !Array.isArray(entered.settings);
	return {
		fields: {
			name,
			enabled: entered.enabled,
			serviceConnection: given === "" ? (usual ?? "") : given,
			authenticationUrl: textOrNull(entered.authenticationUrl),
			authenticationScope: textOrNull(entered.authenticationScope),
			incomingMode: entered.incomingMode,
			settings: isMap ? (entered.settings as Record<string, unknown>) : {},
		},
		notes: given === "" && usual !== undefined ? [`${title} was left empty and is now ${usual}.`] : [],
		problems: [
			...(name === "" ? [{ pointer: "/name", message: "must not be empty; enter a name." }] : []),
			...(isMap ? [] : [{ pointer: "/settings", message: "must be an object with a field for each setting." }]),
		],
	};
}

function textOrNull(text: string | null): string | null {
	const trimmed = text?.trim() ?? "";
	return trimmed === "" ? null : trimmed;
}

type EntriesInput = {
	/** Why outgoing secrets may not be kept. */
	moved: string | undefined;
	entered: readonly EnteredEntry[];
	stored: MessagingService | undefined;
	now: Date;
};
type PlannedEntries = {
	planned: readonly PlannedEntry[];
	notes: readonly string[];
	problems: readonly FieldProblem[];
};

function planEntries(form: ConnectorForm, { moved, entered, stored, now }: EntriesInput): PlannedEntries {
	const mended = entered.map((entry) => mendAuthenticationId(form, entry.authenticationId));
	const meant = entered.map((entry, index) => ({
		...entry,
		authenticationId: mended[index]?.authenticationId ?? entry.authenticationId,
	}));
	const { matches, problems } = matchEntries(meant, stored?.authentications ?? []);
	const plans = meant.map((entry, index) => {
		const before = matches[index];
		const direction = ruleFor(form, entry.authenticationId)?.direction ?? "incoming";
		const clearedBecause =
			otherKind(form, before, entry.authenticationId) ?? (direction === "incoming" ? undefined : moved);
		return planEntry({
			entered: entry,
			before,
			direction,
			clearedBecause,
			pointer: `/authentications/${index}`,
			now,
		});
	});
	return {
		planned: plans.map(({ planned }) => planned),
		notes: [...mended.flatMap(({ note }) => note ?? []), ...plans.flatMap(({ notes }) => notes)],
		problems: [...problems, ...plans.flatMap((plan) => plan.problems)],
	};
}

/** A secret may only be sent where it was entered for, and only in that place of a request. */
function movedSecrets(
	{ secretPlaces }: Connector<unknown>["config"],
	before: MessagingService,
	after: ServiceFields,
): string | undefined {
	const known = new Set(secretPlaces?.(before));
	const isElsewhere = secretPlaces?.(after).some((place) => !known.has(place)) === true;
	return movedAddress(before, after) ?? (isElsewhere ? "its place in the request changed" : undefined);
}

/** Another host ends it, another path does not. */
function movedAddress(before: MessagingService, after: ServiceFields): string | undefined {
	if (secretOrigin(before) === secretOrigin(after)) {
		return undefined;
	}
	const isSameConnection =
		secretOrigin({ ...before, authenticationUrl: null }) === secretOrigin({ ...after, authenticationUrl: null });
	return isSameConnection ? "Authentication URL changed" : "Service Connection changed";
}

/** A renamed entry keeps its secret while it stays the same kind: an App Secret must not become an access token. */
function otherKind(
	form: ConnectorForm,
	before: AuthenticationEntry | undefined,
	authenticationId: string,
): string | undefined {
	return before === undefined || ruleFor(form, before.authenticationId) === ruleFor(form, authenticationId)
		? undefined
		: "its entry is of another kind now";
}

/** The service as the connector's own rules see it. */
function toStored(fields: ServiceFields, entries: readonly PlannedEntry[], stored: Stored | undefined): StoredService {
	const known = new Map(stored?.opened.authentications.map((entry) => [entry.id, entry.secrets]));
	return {
		// A new service has no id yet; no rule is about it.
		id: stored?.service.id ?? ("" as ServiceId),
		...fields,
		authentications: entries.map(({ authenticationId, before, secret }) => ({
			authenticationId,
			secrets: secretsOf(secret, before === undefined ? [] : (known.get(before.id) ?? [])),
		})),
	};
}

function secretsOf(secret: PlannedEntry["secret"], kept: readonly string[]): readonly string[] {
	if (secret.kind === "set") {
		return [secret.value];
	}
	return secret.kind === "keep" ? kept : [];
}

/** Merge patch (RFC 7396 section 2) of the settings: null takes a setting back to its default. */
export function mergedSettings(settings: Readonly<Record<string, unknown>>, patch: unknown): unknown {
	if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
		return patch;
	}
	const kept = Object.entries(settings).filter(([name]) => !Object.hasOwn(patch, name));
	const given = Object.entries(patch).filter(([, value]) => value !== null);
	return Object.fromEntries([...kept, ...given]) as Record<string, unknown>;
}
