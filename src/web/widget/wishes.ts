// What the page that shows the widget may say of its visitor and its form, read with care: anything else is left alone. Pure.

import { fieldsOf } from "#web/realtime/fields.ts";
import { isOneOf, textIn } from "./read.ts";

export type Identity = Readonly<Record<string, unknown>>;
export type Person = { name: string; email: string };

export const fieldKinds = ["text", "email", "tel", "textarea", "select", "checkbox"] as const;

/** A question of the form; its answer goes with the chat as attached data under this name. */
export type Field = {
	name: string;
	label: string;
	kind: (typeof fieldKinds)[number];
	isRequired: boolean;
	options: readonly string[];
};

export const demands = ["optional", "required", "hidden"] as const;
export type Demand = (typeof demands)[number];

export type Form = { lead: string; name: Demand; email: Demand; fields: readonly Field[] };

export type Wishes = {
	queues: readonly { address: string; name?: string }[];
	user: Person;
	cad: Readonly<Record<string, unknown>>;
	form: Form;
	identity: Identity | undefined;
	language: string;
	direction: "ltr" | "rtl";
};

export const plainForm: Form = { lead: "", name: "optional", email: "optional", fields: [] };

const queuesMax = 20;
const fieldsMax = 12;
const optionsMax = 50;
const textMax = 200;

const takes: Readonly<Record<string, (value: unknown) => Partial<Wishes>>> = {
	queues: (value) => ({ queues: listIn(value, queuesMax).flatMap(queueIn) }),
	user(value) {
		const { name, email } = fieldsOf(value);
		return { user: { name: textIn(name, 100), email: textIn(email, 254) } };
	},
	cad: (value) => ({ cad: fieldsOf(value) }),
	form(value) {
		const { lead, name, email, fields } = fieldsOf(value);
		return {
			form: {
				lead: textIn(lead, 500),
				name: isOneOf(demands, name) ? name : "optional",
				email: isOneOf(demands, email) ? email : "optional",
				fields: listIn(fields, fieldsMax).flatMap(fieldIn),
			},
		};
	},
	identity: (value) => ({ identity: Object.keys(fieldsOf(value)).length === 0 ? undefined : fieldsOf(value) }),
	language: (value) => (isTag(value) ? { language: value } : {}),
	direction: (value) => ({ direction: value === "rtl" ? "rtl" : "ltr" }),
};

/** What is to be changed; nothing where it is not understood. */
export function wished(name: string, value: unknown): Partial<Wishes> {
	return Object.hasOwn(takes, name) ? (takes[name]?.(value) ?? {}) : {};
}

function isTag(value: unknown): value is string {
	return typeof value === "string" && value.length <= 35 && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(value);
}

function listIn(value: unknown, max: number): readonly unknown[] {
	return Array.isArray(value) ? value.slice(0, max) : [];
}

function queueIn(value: unknown): Wishes["queues"] {
	const { address, name } = fieldsOf(value);
	const text = textIn(address, 254);
	const shown = textIn(name, textMax);
	return text === "" ? [] : [{ address: text, ...(shown === "" ? {} : { name: shown }) }];
}

function fieldIn(value: unknown): readonly Field[] {
	const { name, label, type, required, options } = fieldsOf(value);
	const key = textIn(name, 100);
	return key === ""
		? []
		: [
				{
					name: key,
					label: textIn(label, textMax) || key,
					kind: isOneOf(fieldKinds, type) ? type : "text",
					isRequired: required === true,
					options: listIn(options, optionsMax).flatMap((one) => textIn(one, textMax) || []),
				},
			];
}

/** @param who the id that was proven for a session; null: it is of whoever sits there */
export function isOf(who: string | null, identity: Identity | undefined): boolean {
	return who === null || who === identity?.["id"];
}
