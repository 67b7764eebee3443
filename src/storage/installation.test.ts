import assert from "node:assert/strict";
import { onBothDialects } from "#test/storage-on-both.ts";
import { readSmsServer, smsServerVariables, writeSmsServer } from "./installation.ts";

onBothDialects("a variable follows the settings file until it is set, and again when it is unset", async (open) => {
	const storage = await open();
	const on = { useLocalHttpAuthentication: true };
	const off = { useLocalHttpAuthentication: false };
	assert.deepEqual(await smsServerVariables(storage.db, on), on);
	assert.deepEqual(await smsServerVariables(storage.db, off), off);
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 0, off)), true);
	assert.deepEqual(await readSmsServer(storage.db, on), {
		variables: off,
		set: ["useLocalHttpAuthentication"],
		version: 1,
	});
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 1, on)), true);
	assert.deepEqual(await smsServerVariables(storage.db, off), on);
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 2, { useLocalHttpAuthentication: null })), true);
	assert.deepEqual(await readSmsServer(storage.db, off), { variables: off, set: [], version: 3 });
});

onBothDialects("a change from an old version is refused and changes nothing", async (open) => {
	const storage = await open();
	const on = { useLocalHttpAuthentication: true };
	const off = { useLocalHttpAuthentication: false };
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 3, off)), false);
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 0, off)), true);
	assert.equal(await storage.write((tx) => writeSmsServer(tx, 0, on)), false);
	assert.deepEqual(await smsServerVariables(storage.db, on), off);
});
