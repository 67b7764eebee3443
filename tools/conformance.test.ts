// Goal: whoever writes a connector gets a report that says what was tried and what is wrong, wherever the folder lies, and a
// plain sentence when there is nothing to check. Method: the program itself, over copies of a connector of the product in
// a folder of their own, with few fixtures: as it is, under another type with its own simulator, and broken in four ways.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { checks } from "#test/contract/conformance/checks.ts";
import { loadSubject } from "#test/contract/conformance/loading.ts";
import { doorsIn } from "#test/contract/conformance/side-doors.ts";
import type { Subject } from "#test/contract/conformance/subject.ts";
import { argumentsOf, asText, type Report, reportOn } from "./conformance.ts";

const connectors = join(import.meta.dirname, "../src/connectors");
const keptFixtures = /^(?:inbound-(?:get|sms)|signature-wrong|status-(?:delivered|read-whatsapp|sent|unknown-word))\./;

function run(...args: readonly string[]): { code: number | null; said: string; complained: string } {
	const { NODE_TEST_CONTEXT: _, ...env } = process.env;
	const program = join(import.meta.dirname, "conformance.ts");
	const done = spawnSync(process.execPath, [program, ...args], { env, encoding: "utf8", timeout: 120_000 });
	return { code: done.status, said: done.stdout, complained: done.stderr };
}

type Changes = Readonly<Record<string, (text: string) => string>>;

/** Twilio's connector in a folder of its own, with some of its fixtures and its files changed as told. */
function copied(t: TestContext, changes: Changes = {}): string {
	const folder = mkdtempSync(join(tmpdir(), "parley-conformance-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const source = join(connectors, "twilio");
	cpSync(source, folder, { recursive: true, filter: (file) => !file.endsWith(".test.ts") && isKept(file) });
	for (const [file, change] of Object.entries(changes)) {
		const before = readFileSync(join(folder, file), "utf8");
		assert.notEqual(change(before), before, `${file} is not changed`);
		writeFileSync(join(folder, file), change(before));
	}
	return folder;
}

async function subjectAt(folder: string): Promise<Subject> {
	const loaded = await loadSubject(folder);
	assert.ok(loaded.ok);
	return loaded.subject;
}

function isKept(file: string): boolean {
	return !/\.(?:http|json)$/.test(file) || keptFixtures.test(basename(file));
}

test("a connector in a folder of its own is found to conform, and the report says what was tried", (t) => {
	const folder = copied(t);
	const { code, said, complained } = run(folder);
	assert.equal(code, 0, said + complained);
	assert.equal(complained, "");
	for (const promise of Object.keys(checks)) {
		assert.match(said, new RegExp(`^(?:ok|-) +${promise} {2,}\\S`, "m"));
	}
	assert.match(said, /^ok +every answer is understood +config ×\d+, send ×\d{2,}$/m);
	assert.match(said, /^- +trouble with a token loses no message +nothing to try for this type$/m);
	const fixtures = readdirSync(join(folder, "fixtures")).length / 2;
	assert.match(said, new RegExp(`^${fixtures} fixtures: `, "m"));
	assert.match(said, /The connector conforms\.\n$/);
});

test("of a type with a line frames are tried, and the report says why nothing else is", async () => {
	const loaded = await loadSubject(join(connectors, "smpp"));
	assert.ok(loaded.ok);
	const said = asText(await reportOn(loaded.subject));
	assert.match(said, /^\d+ frames\.$/m);
	assert.match(said, /^ok +every frame is taken for what is stated +config ×\d+, hear ×\d{2,}$/m);
	assert.match(said, /^- +every answer is understood +only of types by HTTP$/m);
	assert.match(said, /^- +trouble with a token loses no message +nothing to try for this type$/m);
	assert.match(said, /The connector conforms\.\n$/);
});

test("a broken connector ends with 1, and the report names each check that failed, and only those", (t) => {
	const folder = copied(t, {
		"outbound.ts": (text) =>
			text.replace('[429, { kind: "retry"', '[429, { kind: "rejected"').replace("}attempt=", "}try="),
		"README.md": (text) => text.replaceAll(/checked \d{4}-\d\d-\d\d/g, "checked some day"),
		"codes.ts": (text) => text.replace('["canceled", "failed"],', ""),
		"form.ts": (text) => `import { readFileSync } from "node:fs";\nvoid readFileSync;\n${text}`,
	});
	const { code, said, complained } = run(folder, "--json");
	assert.equal(code, 1, complained);
	const report = JSON.parse(said) as Report;
	const failed = report.checks.filter(({ verdict }) => verdict === "FAILED");
	assert.equal(report.conforms, false);
	assert.deepEqual(Object.fromEntries(failed.map(({ promise, findings }) => [promise, findings[0]])), {
		"every documented status word is read": "canceled becomes unreadable, expected is failed",
		"every answer is understood":
			"429: the outcome is rejected (Twilio answered 429: too many requests.), expected is retry",
		"our attempt id travels and comes back": "the provider was told the attempt id undefined",
		"nothing is reached but by what is handed in": "form.ts:1 imports node:fs; a connector may not",
		"the README tells its sources":
			"the README does not say when its facts were checked, in the paragraph of the links",
	});
});

test("a type that the product does not know, and that is frozen, brings its own simulator", async (t) => {
	const folder = copied(t, {
		"index.ts": (text) =>
			text
				.replace('type: "twilio"', 'type: "pigeon"')
				.replace("= {\n", "= Object.freeze({\n")
				.replace(/\};\s*$/, "});\n"),
	});
	const without = await reportOn(await subjectAt(folder), { only: "every answer" });
	assert.deepEqual(without.checks[0]?.findings, [
		"there is no simulator for pigeon: simulator.ts has to export startSimulator",
	]);
	writeFileSync(
		join(folder, "simulator.ts"),
		`import type { StartSimulator } from "#simulators/simulator.ts";
import { startTwilioSimulator } from "#simulators/twilio.ts";
export const startSimulator: StartSimulator = async (deps, options) => {
	const twilio = await startTwilioSimulator(deps, options);
	return new Proxy(twilio, {
		get(inner, name) {
			const value: unknown = Reflect.get(inner, name);
			return name === "type" ? "pigeon" : typeof value === "function" ? value.bind(inner) : value;
		},
	});
};
`,
	);
	const report = await reportOn(await subjectAt(folder), { only: "simulated" });
	assert.deepEqual([report.type, report.conforms], ["pigeon", true]);
	assert.match(asText(report), /\(pigeon\)[^]*What was checked holds; other checks were left out\./);
});

test("what is no connector is told in one sentence, and ends with 2", async (t) => {
	const empty = mkdtempSync(join(tmpdir(), "parley-conformance-"));
	t.after(() => rmSync(empty, { recursive: true, force: true }));
	const planted = (files: Readonly<Record<string, string>>): string => {
		const folder = mkdtempSync(join(empty, "folder-"));
		mkdirSync(join(folder, "fixtures"));
		Object.entries(files).forEach(([file, text]) => writeFileSync(join(folder, file), text));
		return folder;
	};
	const fixture = { "fixtures/a.http": "POST /\n\n", "fixtures/a.json": "{}" };
	const cases: readonly (readonly [folder: string, says: RegExp])[] = [
		[join(empty, "nowhere"), /^There is no folder \S+nowhere\.$/],
		[empty, /has no index\.ts, so it is no folder of a connector\.$/],
		[planted({ "index.ts": "" }), /has no fixtures: put a request of the provider into fixtures\/<event>\.http,/],
		[planted({ "index.ts": "", "fixtures/a.http": "" }), /fixtures\/a\.http has no fixtures\/a\.json beside it\.$/],
		[planted({ ...fixture, "index.ts": "export const a = 1;" }), /does not export a connector under the name/],
		[planted({ ...fixture, "index.ts": "export const = 1;" }), /index\.ts cannot be loaded: \S/],
		[planted({ ...fixture, "index.ts": 'import "../kit/gone.ts";' }), /cannot be loaded: .*gone\.ts/],
		[join(connectors, "twilio/index.ts"), /is a file; name the folder of a connector\.$/],
	];
	for (const [folder, says] of cases) {
		const loaded = await loadSubject(folder);
		assert.ok(!loaded.ok);
		assert.match(loaded.why, says);
		assert.doesNotMatch(loaded.why, /\n/);
	}
	const { code, said, complained } = run(empty);
	assert.deepEqual([code, said], [2, ""]);
	assert.match(complained, /^\S+ has no index\.ts, so it is no folder of a connector\.\n$/);
});

test("a slip on the command line is told in one line, and ends with 2", () => {
	const folder = join(connectors, "twilio");
	const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
		[[], /^Use: npm run conformance -- <folder of a connector>.*$/],
		[[folder, folder], /^Use: /],
		[[folder, "--seed", "one"], /^Use: /],
		[[folder, "--sed", "7"], /^.*'--sed'.* Use: npm run conformance.*$/],
	];
	for (const [args, says] of cases) {
		const wrong = argumentsOf(args);
		assert.ok(typeof wrong === "string");
		assert.match(wrong, says);
	}
	const { code, said, complained } = run(folder, "--only", "nonsense");
	assert.deepEqual([code, said, complained], [2, "", "No check has the words “nonsense” in its name.\n"]);
});

test("a door of its own is found in a source, whichever it is, and what is handed in is none", () => {
	const doors = [
		'import { connect } from "node:net";',
		'import { request } from "undici";',
		'import { openWayOut } from "#platform/safe-request.ts";',
		'import { x } from "../../platform/clock.ts";',
		'import { x } from "../facebook/index.ts";',
		'await fetch("https://example.com");',
		'const net = await import("node:net");',
		"new WebSocket(address);",
		"console.log(secret);",
		"process.env.SECRET;",
		"setTimeout(send, 1000);",
		'globalThis["fetch"](address);',
	];
	for (const door of doors) {
		assert.equal(doorsIn("outbound.ts", `// fetch(\n${door}\n`).length > 0, true, door);
	}
	const allowed = [
		'import { createHmac } from "node:crypto";',
		'import { Type } from "typebox";',
		'import { readJson } from "../kit/http.ts";',
		'import { form } from "./form.ts";',
		'import type { Clock } from "#platform/clock.ts";',
		'import { faultCodes } from "#domain/faults.ts";',
		'const text = "fetch(it)";',
		"const answer = await tools.http(call);",
		"const token = await tools.token(key, fetch);",
	];
	assert.deepEqual(doorsIn("outbound.ts", allowed.join("\n")), []);
});
