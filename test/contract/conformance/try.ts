import * as admission from "./admission.ts";
import * as reading from "./reading.ts";
import { readFileSync } from "node:fs";
import { serviceTypes } from "#connectors/registry.ts";
import { subjectOf } from "./subject.ts";
for (const type of serviceTypes()) {
	let subject; try { subject = subjectOf(type); } catch (e) { console.log(String(e)); continue; }
	for (const [name, check] of Object.entries({ ...admission, ...reading })) {
		if (["genuine", "proofHeaders"].includes(name)) { continue; }
		const t = performance.now();
		const found = (check as (s: unknown) => readonly string[])(subject);
		console.log(type, name, Math.round(performance.now() - t), found.length, found.slice(0, 4).map((f) => f.slice(0, 400)));
	}
	console.log(admission.genuine(subject).map((f) => admission.proofHeaders(subject, f).length).join(""));
}
