// What the page that shows the widget may say of its visitor, read with care: anything else is left alone. Pure.

import type { Wishes } from "./talk.ts";

export const takes: Readonly<Record<string, (value: unknown) => Partial<Wishes>>> = {
	queues: (value) => ({ queues: Array.isArray(value) ? (value as unknown[]).flatMap(queueIn) : [] }),
	user(value) {
		const { name, email } = fieldsOf(value);
		return { user: { name: textIn(name), email: textIn(email) } };
	},
	cad: (value) => ({ cad: fieldsOf(value) }),
	identity: (value) => ({ identity: Object.keys(fieldsOf(value)).length === 0 ? undefined : fieldsOf(value) }),
	language: (value) => (typeof value === "string" ? { language: value } : {}),
};

function queueIn(value: unknown): Wishes["queues"] {
	const { address, name } = fieldsOf(value);
	return typeof address === "string" ? [{ address, ...(typeof name === "string" ? { name } : {}) }] : [];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textIn(value: unknown): string {
	return typeof value === "string" ? value : "";
}
