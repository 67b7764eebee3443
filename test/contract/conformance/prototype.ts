// Whether somebody copied `__proto__` out of foreign JSON into an object, and so changed every object of the process.

import type { Findings } from "./subject.ts";

const untouched = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Puts it right again, or every check that follows would be blamed for it. */
export function prototypeTrouble(): Findings {
	const added = Object.getOwnPropertyNames(Object.prototype).filter((name) => !untouched.has(name));
	added.forEach((name) => Reflect.deleteProperty(Object.prototype, name));
	return added.length === 0 ? [] : [`Object.prototype was changed: ${added.join(", ")}`];
}
