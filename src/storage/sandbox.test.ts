import assert from "node:assert/strict";
import type { ServiceId, UserId } from "#domain/ids.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { readSmsServer, writeSmsServer } from "./installation.ts";
import { forgetSample, rememberSample, samples } from "./sandbox.ts";

const [one, other] = ["A".repeat(32) as ServiceId, "B".repeat(32) as ServiceId];
const user = "C".repeat(32) as UserId;

onBothDialects("each type has one sample, the one remembered last, until it is forgotten", async (open) => {
	const storage = await open();
	assert.deepEqual(await samples(storage.db), []);
	await storage.write(async (tx) => {
		await rememberSample(tx, { type: "twilio", serviceId: one, userId: null });
		await rememberSample(tx, { type: "smshttp", serviceId: one, userId: null });
		await rememberSample(tx, { type: "twilio", serviceId: other, userId: user });
	});
	const twilio = { type: "twilio", serviceId: other, userId: user };
	assert.deepEqual(await samples(storage.db), [{ type: "smshttp", serviceId: one, userId: null }, twilio]);
	await storage.write((tx) => forgetSample(tx, "smshttp"));
	assert.deepEqual(await samples(storage.db), [twilio]);
});

onBothDialects("other facts of the installation are no samples, and samples no variables", async (open) => {
	const storage = await open();
	const variables = { useLocalHttpAuthentication: true };
	await storage.write(async (tx) => {
		await writeSmsServer(tx, 0, { useLocalHttpAuthentication: false });
		await rememberSample(tx, { type: "twilio", serviceId: one, userId: null });
	});
	assert.equal((await samples(storage.db)).length, 1);
	assert.deepEqual((await readSmsServer(storage.db, variables)).set, ["useLocalHttpAuthentication"]);
});
