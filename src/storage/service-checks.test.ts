import assert from "node:assert/strict";
import { askCheck, beginCheck, checksOf, findCheck, writeSteps } from "./service-checks.ts";
import { addService, testClock } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";

const id = "A".repeat(32);
const at = testClock().now();
const soon = new Date(at.getTime() + 1000);
const never = new Date(0);

onBothDialects("a check is done by one, seen while it grows, and begun again when who did it is gone", async (open) => {
	const storage = await open();
	await addService(storage, id, at);
	const ask = (n: number) =>
		storage.write((tx) =>
			askCheck(tx, { id: String(n).padStart(32, "0"), serviceId: id, askedAt: at, askedBy: "ada" }),
		);
	await ask(1);
	await ask(2);
	const begin = (lapsedAt: Date) => storage.write((tx) => beginCheck(tx, at, lapsedAt));
	assert.equal((await begin(never))?.id, "1".padStart(32, "0"));
	assert.equal((await begin(never))?.id, "2".padStart(32, "0"));
	assert.equal(await begin(never), undefined);
	await storage.write((tx) => writeSteps(tx, "1".padStart(32, "0"), [{ step: "dns" }], null));
	assert.deepEqual((await findCheck(storage.db, "1".padStart(32, "0")))?.steps, [{ step: "dns" }]);
	assert.equal((await begin(soon))?.id, "1".padStart(32, "0"), "its worker is gone");
	await storage.write((tx) => writeSteps(tx, "1".padStart(32, "0"), [{ step: "dns" }, { step: "tls" }], soon));
	assert.equal((await begin(soon))?.id, "2".padStart(32, "0"), "what is finished is not done again");
	const listed = await checksOf(storage.db, id, 10);
	assert.deepEqual(
		listed.map((check) => [check.id.at(-1), check.finishedAt === null]),
		[
			["2", true],
			["1", false],
		],
	);
});
