import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import type { Principal } from "#identity/principal.ts";
import { appendAudit } from "#storage/audit.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { changeSource } from "./change-source.ts";

const [objectId, elsewhere] = ["A".repeat(32), "B".repeat(32)];

function callerWith(...grants: Grant[]): Principal {
	return { grants } as unknown as Principal;
}

test("who loses a right with the object is told that it is gone, and of nothing else", async (t) => {
	const storage = await openTemporarySqlite(t);
	const caller = callerWith({ objectType: "role", objectId, access: ["view"] });
	const source = changeSource({ storage }, () => Promise.resolve(new Map()), { seq: 0, caller });
	const told = async (action: string) => {
		const who = { at: new Date(0), userId: null, actor: "", via: "rci", changes: {} } as const;
		const what = { action, objectType: "role", objectName: null };
		await storage.write(async (tx) => {
			await appendAudit(tx, { ...who, ...what, objectId }, () => new Uint8Array(32));
			await appendAudit(tx, { ...who, ...what, objectId: elsewhere }, () => new Uint8Array(32));
		});
		return (await source.next()).events.map(({ id }) => id);
	};
	assert.deepEqual(await told("modify"), ["1"]);
	source.know(callerWith());
	assert.deepEqual(await told("delete"), ["3"]);
	assert.deepEqual(await told("delete"), [], "from then on the right counts that is");
	source.know(caller);
	assert.deepEqual(await told("modify"), ["7"]);
	source.know(callerWith());
	assert.deepEqual(await told("modify"), []);
});
