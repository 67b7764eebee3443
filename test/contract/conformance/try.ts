import * as sending from "./sending.ts";
import * as receipts from "./receipts.ts";
import * as form from "./form.ts";
import * as reading from "./reading.ts";
import * as admission from "./admission.ts";
import { serviceTypes } from "#connectors/registry.ts";
import { subjectOf } from "./subject.ts";
const only = process.argv[2];
for (const type of serviceTypes()) {
	const subject = subjectOf(type);
	for (const [name, check] of Object.entries({ ...sending, ...receipts, ...form, ...admission, ...reading })) {
		if (["genuine", "proofHeaders", "onStand"].includes(name) || (only && !name.includes(only))) {
			continue;
		}
		const t = performance.now();
		const found = await (check as (s: unknown) => Promise<readonly string[]>)(subject);
		console.log(
			type,
			name,
			Math.round(performance.now() - t),
			found.length,
			found.slice(0, 12).map((f) => f.slice(0, 500)),
		);
	}
}
