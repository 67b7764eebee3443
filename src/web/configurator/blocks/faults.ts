// What is wrong with a draft as far as its type's rules tell, by JSON pointer, in the places of the form. The server checks
// again and has the last word; this is for hearing it while one types. Pure.

import type { ServiceType } from "#web/api/objects.ts";
import { isShown, type Range, rangeMissed } from "#web/ui/form/schema.ts";
import { type FormDraft, isBlank, ruleOf, settingsOf } from "./draft.ts";
import { type EntryFault, faultsOf, mend } from "./entry-rules.ts";

export type Fault =
	| (EntryFault & { pointer: string })
	| { pointer: string; key: "nameMissing" }
	| { pointer: string; key: "duplicate" }
	| { pointer: string; key: "tooMany"; max: number; shape: string }
	| { pointer: string; key: "outOfRange"; range: Range };

export function faultsIn(type: ServiceType, draft: FormDraft): readonly Fault[] {
	return [
		...(draft.name.trim() === "" ? [{ pointer: "/name", key: "nameMissing" as const }] : []),
		...entryFaults(type, draft),
		...settingFaults(type, draft),
	];
}

function entryFaults(type: ServiceType, draft: FormDraft): readonly Fault[] {
	const entries = draft.authentications.map((entry, place) => {
		const rule = ruleOf(type, entry);
		const id = rule === undefined ? entry.authenticationId : mend(rule, entry.authenticationId).id;
		return { entry, rule, id, pointer: `/authentications/${place}/authenticationId`, isBlank: isBlank(entry, rule) };
	});
	const given = entries.filter((one) => !one.isBlank);
	return given.flatMap((one, index): Fault[] => {
		const { rule, entry, pointer } = one;
		if (rule === undefined) {
			return []; // Of a rule that this type no longer has; the server tells.
		}
		const isStored = entry.id !== undefined;
		const { authenticationId, password } = entry;
		const own = faultsOf(rule, { authenticationId, isStored, ...(password === undefined ? {} : { password }) });
		if (own.length > 0) {
			return own.map((fault) => ({ ...fault, pointer: fault.at === "" ? pointer : `${pointer}/${fault.at}` }));
		}
		const before = given.slice(0, index);
		if (before.some(({ id }) => id === one.id)) {
			return [{ pointer, key: "duplicate" }];
		}
		const isTooMany = before.filter((other) => other.rule === rule).length >= rule.max;
		return isTooMany ? [{ pointer, key: "tooMany", max: rule.max, shape: rule.idShape }] : [];
	});
}

function settingFaults(type: ServiceType, { settings }: FormDraft): readonly Fault[] {
	return Object.entries(settingsOf(type))
		.filter(([, schema]) => isShown(schema, settings))
		.flatMap(([name, schema]) => {
			const range = rangeMissed(schema, settings[name]);
			return range === undefined ? [] : [{ pointer: `/settings/${name}`, key: "outOfRange" as const, range }];
		});
}
