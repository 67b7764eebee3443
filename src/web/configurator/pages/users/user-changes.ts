// What a form about a user sends: an emptied field is null, but for the names, which somebody must have.

import type { Values } from "#web/ui/form/schema.ts";

const needed: ReadonlySet<string> = new Set(["firstName", "surname", "login"]);

export function toSent(entered: Values): Values {
	return Object.fromEntries(
		Object.entries(entered).map(([name, value]) => [name, value === "" && !needed.has(name) ? null : value]),
	);
}
