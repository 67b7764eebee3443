// Goal: more than can be stored is answered "later" at once, without work put into it; what is not stored within four
// seconds is answered "later" too; and nothing that was answered 200 is missing. Method: a writer that is held, on a
// virtual clock.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { recordArrivals } from "#storage/arrivals.ts";
import { type Doors, facebookBody, metaSigned, openDoors } from "#test/doors.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";

const groupMax = 256;
const waitingMax = 512;

/** Doors whose arrivals are not written before `release`. */
async function heldDoors(t: TestContext) {
	const storage = await openTemporarySqlite(t);
	const { promise: gate, resolve: release } = Promise.withResolvers<void>();
	t.after(() => release());
	const writing = { groups: 0 };
	const doors = await openDoors(t, {
		storage,
		async recordArrivals(arrivals) {
			writing.groups += 1;
			await gate;
			return storage.write((tx) => recordArrivals(tx, arrivals));
		},
	});
	const id = await doors.add("facebook", { "111": "page-token", webhook: "app-secret" });
	const knock = (mid: string, secret = "app-secret") => {
		const body = facebookBody({ "111": mid });
		return doors.post(`/sms/facebook/${id}`, body, metaSigned(secret, body));
	};
	return { doors, knock, release, writing };
}

async function turns(count = 20): Promise<void> {
	for (let turn = 0; turn < count; turn++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** Until so many groups are with the writer; a request takes some turns to get there. */
async function untilWriting(writing: { groups: number }, groups: number): Promise<void> {
	for (let looks = 0; looks < 1000 && writing.groups < groups; looks++) {
		await turns(1);
	}
	assert.equal(writing.groups, groups);
}

type Answer = Awaited<ReturnType<Doors["post"]>>;

/** The answer as soon as it is there; a test must not wait for one that never comes. */
function watched(work: Promise<Answer>): readonly Answer[] {
	const seen: Answer[] = [];
	void work.then((answer) => seen.push(answer));
	return seen;
}

function inShort({ status, headers }: Answer): unknown[] {
	return [status, headers["retry-after"]];
}

test("when the queue before the writer is full, the next is told to come again before anything is checked", async (t) => {
	const { doors, knock, release, writing } = await heldDoors(t);
	const first = knock("m_first");
	await untilWriting(writing, 1);
	// One is with the writer, the others wait until there is no place left.
	const waiting = Array.from({ length: waitingMax }, (_, index) => knock(`m_${index}`));
	await turns(200);
	const sealedBefore = await doors.count("quarantine");
	for (const secret of ["app-secret", "a wrong one"]) {
		const seen = watched(knock("m_excess", secret));
		await turns();
		assert.deepEqual(seen.map(inShort), [[503, "1"]], secret);
	}
	assert.deepEqual(
		[await doors.count("quarantine"), await doors.count("security_events")],
		[sealedBefore, 0],
		"the signature was not looked at: it would have been refused and sealed",
	);
	release();
	const answers = await Promise.all([first, ...waiting]);
	assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), "nobody was refused too early");
	assert.equal(await doors.count("messages"), waitingMax + 1);
	assert.ok(writing.groups >= 1 + waitingMax / groupMax);
	assert.equal((await knock("m_excess", "a wrong one")).status, 401, "with places free it is looked at again");
	assert.equal((await knock("m_excess")).status, 200);
	assert.equal(await doors.count("messages"), waitingMax + 2);
});

test("what is not stored after four seconds is answered 503; stored later, its repetition finds it known", async (t) => {
	const { doors, knock, release, writing } = await heldDoors(t);
	const seen = watched(knock("m_1"));
	await untilWriting(writing, 1);
	doors.clock.advance(3999);
	await turns();
	assert.equal(seen.length, 0, "there is time left");
	doors.clock.advance(1);
	await turns();
	assert.deepEqual(seen.map(inShort), [[503, "5"]]);
	assert.equal(await doors.count("messages"), 0);
	release();
	assert.equal((await knock("m_1")).status, 200);
	assert.equal(await doors.count("messages"), 1);
});
