// A messaging service while somebody fills it in: what a form holds, and what of it is sent. Secrets are only what was
// entered here; stored ones never come to the browser. Pure.

import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import type { Fields, Values } from "#web/ui/form/schema.ts";
import { isBlankId, isLiteral, needsEntry, type Rule } from "./entry-rules.ts";

type DraftEntry = {
	/** Of a stored entry. */
	id?: string;
	authenticationId: string;
	/** Absent: the stored one stays. */
	password?: string;
	/** With a new password: until when the one it replaces stays valid. Null ends that at once. */
	previousValidUntil?: string | null;
};

/** As the interface takes it. */
export type ServiceDraft = {
	name: string;
	serviceConnection: string;
	authenticationUrl: string | null;
	authenticationScope: string | null;
	settings: Values;
	authentications: readonly DraftEntry[];
};

/** As the form holds it: each entry knows its rule, and keeps its place while others come and go. */
export type FormEntry = {
	key: string;
	role: string;
	id?: string;
	authenticationId: string;
	password?: string | undefined;
	previousValidUntil?: string | null | undefined;
};
export type FormDraft = Omit<ServiceDraft, "authentications"> & { authentications: readonly FormEntry[] };

export const plainFields = ["name", "serviceConnection", "authenticationUrl", "authenticationScope"] as const;
export type PlainField = (typeof plainFields)[number];

export function settingsOf(type: ServiceType): Fields {
	return (type.fields.settings["properties"] ?? {}) as Fields;
}

function defaultsOf(type: ServiceType): Values {
	const known = Object.entries(settingsOf(type)).filter(([, schema]) => schema.default !== undefined);
	return Object.fromEntries(known.map(([name, schema]) => [name, schema.default]));
}

export function emptyDraft(type: ServiceType): FormDraft {
	const usual = type.fields.serviceConnection["default"];
	return withPlaces(type, {
		name: "",
		serviceConnection: typeof usual === "string" ? usual : "",
		authenticationUrl: null,
		authenticationScope: null,
		settings: defaultsOf(type),
		authentications: [],
	});
}

export function draftOf(service: MessagingService, type: ServiceType): FormDraft {
	const { name, serviceConnection, authenticationUrl, authenticationScope, settings, authentications } = service;
	return withPlaces(type, {
		name,
		serviceConnection,
		authenticationUrl,
		authenticationScope,
		settings: { ...settings },
		authentications: authentications.map(({ id, authenticationId, role }) => ({
			key: id,
			id,
			authenticationId,
			role: role ?? "",
		})),
	});
}

/** Everything but what is secret, and what belongs to the original alone. */
export function copyOf(service: MessagingService, type: ServiceType, name: string): FormDraft {
	const draft = draftOf(service, type);
	const authentications = draft.authentications.map(({ key, role, authenticationId }) => ({
		key: `copy ${key}`,
		role,
		authenticationId,
	}));
	return { ...draft, name, authentications };
}

/** Where something is expected there is a place for it; what stays empty is not sent. */
function withPlaces(type: ServiceType, draft: FormDraft): FormDraft {
	const missing = type.authentications
		.filter((rule) => needsEntry(rule, type.authentications))
		.filter(({ role }) => !draft.authentications.some((entry) => entry.role === role))
		.map((rule) => blankEntry(rule, rule.role));
	return { ...draft, authentications: [...draft.authentications, ...missing] };
}

export function blankEntry(rule: Rule, key: string): FormEntry {
	return { key, role: rule.role, authenticationId: isLiteral(rule) ? rule.idExample : "" };
}

/** Nothing was entered, so there is nothing to send. */
export function isBlank(entry: FormEntry, rule: Rule | undefined): boolean {
	const hasId = rule !== undefined && isLiteral(rule) ? false : !isBlankId(entry.authenticationId, rule);
	return entry.id === undefined && !hasId && (entry.password ?? "") === "";
}

export function ruleOf(type: ServiceType, entry: Pick<FormEntry, "role">): Rule | undefined {
	return type.authentications.find(({ role }) => role === entry.role);
}

/** The entries that are sent, each with its place in the form. */
function sentEntries(type: ServiceType, draft: FormDraft): readonly { entry: DraftEntry; place: number }[] {
	return draft.authentications.flatMap((entry, place) =>
		isBlank(entry, ruleOf(type, entry)) ? [] : [{ entry: toSent(entry), place }],
	);
}

function toSent({ id, authenticationId, password, previousValidUntil }: FormEntry): DraftEntry {
	const hasPassword = password !== undefined && password !== "";
	return {
		...(id === undefined ? {} : { id }),
		authenticationId,
		...(hasPassword ? { password } : {}),
		...(previousValidUntil === undefined || (!hasPassword && previousValidUntil !== null)
			? {}
			: { previousValidUntil }),
	};
}

/** What the interface would take of it: without the empty places. */
export function plainOf(type: ServiceType, draft: FormDraft): ServiceDraft {
	return {
		...draft,
		name: draft.name.trim(),
		settings: Object.fromEntries(Object.entries(draft.settings).filter(([, value]) => isGiven(value))),
		authentications: sentEntries(type, draft).map(({ entry }) => entry),
	};
}

/** The server speaks of what was sent; the form has empty places in between. */
export function toFormPointer(type: ServiceType, draft: FormDraft, pointer: string): string {
	const [, index, rest = ""] = /^\/authentications\/(\d+)(.*)$/.exec(pointer) ?? [];
	const place = index === undefined ? undefined : sentEntries(type, draft)[Number(index)]?.place;
	return place === undefined ? pointer : `/authentications/${place}${rest}`;
}

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null;
}

/** What makes the service: settings only where they are not the usual ones. */
export function bodyOf(type: ServiceType, draft: FormDraft): ServiceDraft & { type: string } {
	const usual = defaultsOf(type);
	const { settings, ...plain } = plainOf(type, draft);
	const own = Object.entries(settings).filter(([name, value]) => !isSame(value, usual[name]));
	return { type: type.type, ...plain, settings: Object.fromEntries(own) };
}

export type ServicePatch = Partial<Omit<ServiceDraft, "settings">> & { settings?: Values };

/** Only what was changed; a setting that was emptied goes back to its default. */
export function patchOf(type: ServiceType, draft: FormDraft, service: MessagingService): ServicePatch {
	const plain = plainFields.filter((field) => (draft[field] ?? "") !== (service[field] ?? ""));
	const settings = changedSettings(draft.settings, service.settings);
	const { authentications } = plainOf(type, draft);
	return {
		...Object.fromEntries(plain.map((field) => [field, draft[field]])),
		...(Object.keys(settings).length === 0 ? {} : { settings }),
		...(isSameEntries(authentications, service) ? {} : { authentications }),
	};
}

export function changedSettings(mine: Values, stored: Values): Values {
	const names = [...new Set([...Object.keys(stored), ...Object.keys(mine)])];
	const changed = names.filter((name) => !isSame(mine[name] ?? null, stored[name] ?? null));
	return Object.fromEntries(changed.map((name) => [name, mine[name] ?? null]));
}

function isSameEntries(sent: readonly DraftEntry[], { authentications }: MessagingService): boolean {
	return (
		sent.length === authentications.length &&
		sent.every((entry, index) => {
			const stored = authentications[index];
			const isUntouched = entry.password === undefined && entry.previousValidUntil === undefined;
			return isUntouched && entry.id === stored?.id && entry.authenticationId === stored?.authenticationId;
		})
	);
}

export function isChanged(type: ServiceType, draft: FormDraft, service: MessagingService): boolean {
	return Object.keys(patchOf(type, draft, service)).length > 0;
}

export function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

export function withEntry(draft: FormDraft, key: string, change: Partial<FormEntry>): FormDraft {
	const authentications = draft.authentications.map((entry) => (entry.key === key ? { ...entry, ...change } : entry));
	return { ...draft, authentications };
}

export function withoutEntry(draft: FormDraft, key: string): FormDraft {
	return { ...draft, authentications: draft.authentications.filter((entry) => entry.key !== key) };
}

/** What takes the service back to how it was; secrets that were replaced or removed cannot come back. */
export function wayBackOf(before: MessagingService, after: MessagingService): ServicePatch {
	const plain = plainFields.filter((field) => (before[field] ?? "") !== (after[field] ?? ""));
	const settings = changedSettings(before.settings, after.settings);
	const left = new Set(after.authentications.map(({ id }) => id));
	const entries = before.authentications.map(({ id, authenticationId }) => ({
		...(left.has(id) ? { id } : {}),
		authenticationId,
	}));
	return {
		...Object.fromEntries(plain.map((field) => [field, before[field]])),
		...(Object.keys(settings).length === 0 ? {} : { settings }),
		...(isSameEntries(entries, after) ? {} : { authentications: entries }),
	};
}
