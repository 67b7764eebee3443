// What fields, values and faults of a service are called. Names come from its type; only what every type has is named here.

import { useTranslation } from "react-i18next";
import type { ServiceType } from "#web/api/objects.ts";
import type { Change } from "#web/ui/diff.tsx";
import { choicesOf } from "#web/ui/form/schema.ts";
import { exactTime } from "#web/ui/moments.ts";
import type { FieldChange } from "./changes.ts";
import { type FormDraft, settingsOf } from "./draft.ts";
import { isLiteral, type Rule } from "./entry-rules.ts";
import type { Fault } from "./faults.ts";

/** What a section or an entry of this kind is called. */
export function titleOf(rule: Rule): string {
	return isLiteral(rule) ? rule.secretLabel : rule.idLabel;
}

export type ServiceWords = {
	labelOf: (pointer: string, draft?: FormDraft) => string;
	/** What entries of a rule are called. */
	entryLabel: (role: string) => string;
	shown: (pointer: string, value: unknown) => string;
	fault: (fault: Fault) => string;
	change: (change: FieldChange) => Change;
	time: (at: string) => string;
};

export function useServiceWords(type: ServiceType): ServiceWords {
	const { t, i18n } = useTranslation(["service", "ui"]);
	const time = (at: string) => exactTime(new Date(at), i18n.language);
	const labelOf = (pointer: string, draft?: FormDraft): string => {
		const [, first = "", second = "", third = ""] = pointer.split("/");
		switch (first) {
			case "name":
				return t("service:name");
			case "settings":
				return settingsOf(type)[second]?.title ?? second;
			case "authentications":
				return labelOfEntryField(type, draft?.authentications[Number(second)]?.role, third) ?? t("service:anyId");
			default:
				return fieldTitle(type, first);
		}
	};
	const shown = (pointer: string, value: unknown): string => {
		const schema = settingsOf(type)[pointer.replace("/settings/", "")];
		if (typeof value === "boolean") {
			return value ? t("ui:yes") : t("ui:no");
		}
		const choice = schema === undefined ? undefined : choicesOf(schema).find((one) => one.value === value);
		return choice?.label ?? toText(value);
	};
	const entryLabel = (role: string) =>
		type.authentications.find((rule) => rule.role === role)?.idLabel ?? t("service:anyId");
	return {
		labelOf,
		entryLabel,
		shown,
		time,
		fault: useFaultText(),
		change: useChangeText(type, { labelOf, shown, time }),
	};
}

function toText(value: unknown): string {
	if (value === undefined || value === null) {
		return "";
	}
	if (Array.isArray(value)) {
		return value.map(toText).join(", ");
	}
	return typeof value === "string" ? value : JSON.stringify(value);
}

function fieldTitle(type: ServiceType, name: string): string {
	const fields: Readonly<Record<string, unknown>> = type.fields;
	const schema = fields[name] as { title?: string } | null | undefined;
	return schema?.title ?? name;
}

function labelOfEntryField(type: ServiceType, role: string | undefined, field: string): string | undefined {
	const rule = type.authentications.find((one) => one.role === role);
	return field === "password" ? rule?.secretLabel : rule === undefined ? undefined : titleOf(rule);
}

function useFaultText(): (fault: Fault) => string {
	const { t } = useTranslation(["service", "ui"]);
	return (fault) => {
		switch (fault.key) {
			case "nameMissing":
				return t("service:faults.nameMissing");
			case "idMissing":
				return t("service:faults.idMissing", fault);
			case "idShape":
				return t("service:faults.idShape", fault);
			case "partShape":
				return t("service:faults.partShape", fault);
			case "duplicate":
				return t("service:faults.duplicate");
			case "tooMany":
				return t("service:faults.tooMany", { count: fault.max, shape: fault.shape });
			case "outOfRange":
				return t("ui:outOfRange", fault.range);
		}
	};
}

function useChangeText(
	type: ServiceType,
	{ labelOf, shown, time }: Pick<ServiceWords, "labelOf" | "shown" | "time">,
): (change: FieldChange) => Change {
	const { t } = useTranslation("service");
	const ruleOf = (role: string) => type.authentications.find((rule) => rule.role === role);
	const secretOf = (role: string) => ruleOf(role)?.secretLabel ?? "";
	const idLabelOf = (role: string) => ruleOf(role)?.idLabel ?? t("anyId");
	return (change) => {
		const path = change.pointer;
		switch (change.kind) {
			case "value":
				return { path, label: labelOf(path), before: shown(path, change.before), after: shown(path, change.after) };
			case "id":
				return { path, label: idLabelOf(change.role), before: change.before, after: change.after };
			case "secret": {
				const until = change.until === undefined ? "" : time(change.until);
				const label = t("change.secret", { secret: secretOf(change.role), id: change.name });
				return { path, label, before: t(`change.${change.before}`), after: t(`change.${change.after}`, { until }) };
			}
			case "overlap":
				return {
					path,
					label: t("change.overlap", { secret: secretOf(change.role), id: change.name }),
					before: t("change.validUntil", { until: time(change.before) }),
					after: t("change.ends"),
				};
		}
	};
}
