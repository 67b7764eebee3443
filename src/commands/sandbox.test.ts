// Goal: the sandbox's addresses are open only while it runs, whatever becomes of its thread, and its end is nobody else's.
// Method: tiny threads in its place.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { silentLog } from "#platform/log.ts";
import { until } from "#test/parley.ts";
import { openSandbox } from "./sandbox.ts";

/** A thread whose simulators listen at the ports 9001, 9002, …, and which does that when it is told to misbehave. */
function thread(onMisbehave: string): URL {
	const source = `
		import { parentPort as first } from "node:worker_threads";
		const answers = {
			start: ({ types }) => types.map((type, index) => ({
				type,
				serviceConnection: "http://127.0.0.1:" + (9001 + index) + "/send?to={{to}}",
				authentications: [],
				settings: {},
			})),
			connect: () => undefined,
			misbehave: () => { ${onMisbehave} },
		};
		first.on("message", (words) => {
			const answer = answers[words.kind](words);
			first.postMessage({ kind: "answer", number: words.number, answer });
		});`;
	return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

function stage(t: TestContext, onMisbehave = "") {
	let allowed: readonly string[] | undefined;
	const sandbox = openSandbox(
		{
			log: silentLog,
			begin: () => ({
				seed: new Uint8Array(32),
				publicOrigin: "https://parley.example",
				localOrigin: "http://127.0.0.1",
			}),
			allowMeanwhile: (targets) => {
				allowed = targets;
				return Promise.resolve();
			},
		},
		thread(onMisbehave),
	);
	t.after(() => sandbox.stop());
	return { sandbox, allowed: () => allowed };
}

test("before it is started nothing is told to the way out; stopped, nothing is allowed any more", async (t) => {
	const { sandbox, allowed } = stage(t);
	await sandbox.stop();
	assert.equal(allowed(), undefined);
	await sandbox.start(["whatsapp", "twilio"]);
	assert.deepEqual(allowed(), ["127.0.0.1:9001", "127.0.0.1:9002"]);
	await sandbox.connect({ type: "twilio", serviceId: "T", webhookUrl: "https://parley.example/sms/twilio/T" });
	await sandbox.misbehave("twilio", "slow");
	assert.deepEqual(sandbox.running(), [
		{ type: "whatsapp", serviceId: undefined, fault: "none" },
		{ type: "twilio", serviceId: "T", fault: "slow" },
	]);
	await sandbox.stop();
	assert.deepEqual([allowed(), sandbox.running()], [[], []]);
	await assert.rejects(sandbox.write({ type: "twilio", persona: "anna", text: "Hello" }), /does not run/);
});

for (const end of ["process.exit(3)", `throw new Error("broken inside")`]) {
	test(`a thread that ends by ${end} closes its addresses and can be started again`, async (t) => {
		const { sandbox, allowed } = stage(t, end);
		await sandbox.start(["whatsapp"]);
		assert.deepEqual(allowed(), ["127.0.0.1:9001"]);
		await assert.rejects(sandbox.misbehave("whatsapp", "down"), /start it again/);
		await until(() => (allowed()?.length === 0 ? true : undefined), "nothing is allowed any more");
		assert.deepEqual(sandbox.running(), []);
		await sandbox.start(["whatsapp"]);
		assert.deepEqual(allowed(), ["127.0.0.1:9001"]);
	});
}

test("changes wait for each other, also for one that fails", async (t) => {
	const { sandbox } = stage(t);
	const first = Promise.withResolvers<void>();
	const order: string[] = [];
	const failing = sandbox.alone(async () => {
		await first.promise;
		order.push("first");
		throw new Error("no");
	});
	const second = sandbox.alone(() => Promise.resolve(order.push("second")));
	first.resolve();
	await assert.rejects(failing, /no/);
	await second;
	assert.deepEqual(order, ["first", "second"]);
});
