import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { listAudit } from "#storage/audit.ts";
import { findCredentials } from "#storage/people.ts";
import { activateFactor, findSecondFactor, writePendingFactor } from "#storage/second-factors.ts";
import { openStorage } from "#storage/storage.ts";
import { run } from "./user.ts";

function hostFolder(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), "parley-user-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const dataDir = join(folder, "data");
	const said: string[] = [];
	const env = { PARLEY_KEY_RING: join(folder, "keyring") };
	return {
		said,
		open: () => openStorage(`sqlite:${join(dataDir, "parley.db")}`, () => undefined),
		user: (...argv: string[]) =>
			run({
				argv: [...argv, "--data-dir", dataDir],
				env,
				readFile: () => undefined,
				say: (line) => said.push(line),
				complain: (line) => said.push(line),
				onStop: () => undefined,
			}),
	};
}

test("a password made on the host is an initial one, and the second factor goes only when asked to", async (t) => {
	const host = hostFolder(t);
	assert.equal(
		await host.user("add", "--login", "ada", "--first-name", "Ada", "--last-name", "Byron"),
		0,
		host.said[0],
	);
	const storage = await host.open();
	t.after(() => storage.close());
	const ada = async () => {
		const found = await findCredentials(storage.db, { login: "ada" });
		assert.ok(found);
		return found;
	};
	const { id: userId, version, passwordIsInitial } = await ada();
	assert.equal(passwordIsInitial, true);
	const secret = new Uint8Array([1]);
	await storage.write(async (tx) => {
		await writePendingFactor(tx, userId, secret);
		await activateFactor(tx, { userId, version, secret, step: 1, at: new Date(0) });
	});
	assert.equal(await host.user("reset", "--login", "ada"), 0);
	assert.equal((await ada()).hasSecondFactor, true);
	assert.equal(await host.user("reset", "--login", "ada", "--without-second-factor"), 0);
	assert.equal((await ada()).hasSecondFactor, false);
	assert.equal(await findSecondFactor(storage.db, userId), undefined);
	const actions = (await listAudit(storage.db, { limit: 3 })).map(({ action }) => action);
	assert.deepEqual(actions, ["resetPassword", "removeSecondFactor", "resetPassword"]);
});
