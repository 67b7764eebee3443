// Finding and sorting users. Pure.

import type { RciGetUsers200Item } from "#web/api/rci.ts";
import { fullName } from "../../blocks/people-objects.ts";

export type UserRow = RciGetUsers200Item;

/** Every word has to be somewhere in the row. */
export function foundUsers(rows: readonly UserRow[], find: string, kind: string | undefined): readonly UserRow[] {
	const words = find.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	return rows.filter((row) => {
		const text = [
			fullName(row),
			row.login,
			row.email,
			row.phone,
			row.title,
			row.location,
			row.externalId,
			...row.userGroups.map(({ name }) => name),
		]
			.join(" ")
			.toLocaleLowerCase();
		const isKind = kind === "external" ? row.externalUser : kind === "person" ? !row.externalUser : true;
		return isKind && words.every((word) => text.includes(word));
	});
}

const keys: Readonly<Record<string, (row: UserRow) => string>> = {
	name: fullName,
	login: ({ login }) => login,
	kind: ({ externalUser }) => String(externalUser),
	state: ({ enabled, passwordSet }) => (enabled ? (passwordSet ? "0" : "1") : "2"),
	updatedAt: ({ updatedAt }) => updatedAt,
};

export function sortedUsers(rows: readonly UserRow[], sort: string, language: string): readonly UserRow[] {
	const isDown = sort.startsWith("-");
	const key = keys[isDown ? sort.slice(1) : sort] ?? fullName;
	const { compare } = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
	return rows.toSorted((one, other) => (isDown ? -1 : 1) * compare(key(one), key(other)));
}
