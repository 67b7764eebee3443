// What a draft changes of the stored service, field by field, for people to look at before it is saved. A secret is never
// shown: only that it will be set, replaced or removed. Pure.

import type { Authentication, MessagingService, ServiceType } from "#web/api/objects.ts";
import { changedSettings, type FormDraft, type FormEntry, isBlank, plainFields, ruleOf } from "./draft.ts";

type SecretWord = "none" | "set" | "willBeSet" | "willBeReplaced" | "willBeReplacedOverlapping" | "willBeRemoved";
export type FieldChange =
	| { kind: "value"; pointer: string; before: unknown; after: unknown }
	| { kind: "id"; pointer: string; role: string; before: string | null; after: string | null }
	| {
			kind: "secret";
			pointer: string;
			role: string;
			name: string;
			before: SecretWord;
			after: SecretWord;
			until?: string;
	  }
	| { kind: "overlap"; pointer: string; role: string; name: string; before: string };

export function changesOf(type: ServiceType, service: MessagingService, draft: FormDraft): readonly FieldChange[] {
	const plain = plainFields.filter((field) => (draft[field] ?? "") !== (service[field] ?? ""));
	const settings = Object.entries(changedSettings(draft.settings, service.settings));
	return [
		...plain.map((field) => value(`/${field}`, service[field], draft[field])),
		...settings.map(([name, after]) => value(`/settings/${name}`, service.settings[name], after)),
		...entryChanges(type, service, draft),
	];
}

function value(pointer: string, before: unknown, after: unknown): FieldChange {
	return { kind: "value", pointer, before: before ?? "", after: after ?? "" };
}

function entryChanges(type: ServiceType, service: MessagingService, draft: FormDraft): readonly FieldChange[] {
	const stored = new Map(service.authentications.map((entry) => [entry.id, entry]));
	const kept = new Set(draft.authentications.map(({ id }) => id));
	return [
		...draft.authentications
			.filter((entry) => !isBlank(entry, ruleOf(type, entry)))
			.flatMap((entry) => changesOfEntry(entry, entry.id === undefined ? undefined : stored.get(entry.id))),
		...service.authentications.filter(({ id }) => !kept.has(id)).flatMap(removal),
	];
}

function changesOfEntry(entry: FormEntry, stored: Authentication | undefined): readonly FieldChange[] {
	const { key, role, authenticationId: name } = entry;
	const pointer = `/authentications/${key}`;
	const before = stored?.authenticationId ?? null;
	const isRenamed = before !== name;
	return [
		...(isRenamed ? [{ kind: "id" as const, pointer, role, before, after: name }] : []),
		...secretChange(entry, stored),
		...overlapChange(entry, stored),
	];
}

function secretChange(entry: FormEntry, stored: Authentication | undefined): readonly FieldChange[] {
	const { key, role, authenticationId: name, password = "", previousValidUntil } = entry;
	if (password === "") {
		return [];
	}
	const isSet = stored?.passwordSet === true;
	const hasOverlap = isSet && typeof previousValidUntil === "string";
	const after = isSet ? (hasOverlap ? "willBeReplacedOverlapping" : "willBeReplaced") : "willBeSet";
	return [
		{
			kind: "secret",
			pointer: `/authentications/${key}/password`,
			role,
			name,
			before: isSet ? "set" : "none",
			after,
			...(hasOverlap ? { until: previousValidUntil } : {}),
		},
	];
}

function overlapChange(entry: FormEntry, stored: Authentication | undefined): readonly FieldChange[] {
	const before = stored?.previousValidUntil ?? null;
	const isEnded = before !== null && entry.previousValidUntil === null && (entry.password ?? "") === "";
	const pointer = `/authentications/${entry.key}/previousValidUntil`;
	return isEnded ? [{ kind: "overlap", pointer, role: entry.role, name: entry.authenticationId, before }] : [];
}

function removal({ id, role, authenticationId, passwordSet }: Authentication): readonly FieldChange[] {
	const pointer = `/authentications/${id}`;
	return [
		{ kind: "id", pointer, role: role ?? "", before: authenticationId, after: null },
		...(passwordSet
			? [
					{
						kind: "secret" as const,
						pointer: `${pointer}/password`,
						role: role ?? "",
						name: authenticationId,
						before: "set" as const,
						after: "willBeRemoved" as const,
					},
				]
			: []),
	];
}

/** Secrets that go to another host are cleared unless they are entered again: their entries, by name. */
export function clearedByMove(service: MessagingService, draft: FormDraft): readonly string[] {
	const isMoved =
		originOf(service.serviceConnection) !== originOf(draft.serviceConnection) ||
		originOf(service.authenticationUrl) !== originOf(draft.authenticationUrl);
	if (!isMoved) {
		return [];
	}
	return service.authentications
		.filter(({ direction, passwordSet }) => direction !== "incoming" && passwordSet)
		.filter(({ id }) => draft.authentications.some((entry) => entry.id === id && (entry.password ?? "") === ""))
		.map(({ authenticationId }) => authenticationId);
}

function originOf(address: string | null): string {
	const url = URL.parse(address?.trim() ?? "");
	return url === null ? "" : `${url.protocol}//${url.host}`;
}

/** Whether the way back cannot bring everything back. */
export function losesSecrets(changes: readonly FieldChange[]): boolean {
	return changes.some(({ kind, ...change }) => kind === "secret" && "before" in change && change.before === "set");
}
