import assert from "node:assert/strict";
import test from "node:test";
import type { LogonFailures } from "#storage/logon-failures.ts";
import { accountLimit, addressLimit, afterFailure, networkOf, waitMs, withoutOne } from "./throttle.ts";

const start = new Date("2026-01-02T12:00:00Z");
const later = (ms: number) => new Date(start.getTime() + ms);
const minute = 60_000;

function failing(times: number, at = start): LogonFailures {
	let entry: LogonFailures | undefined;
	for (let index = 0; index < times; index++) {
		entry = afterFailure(entry, "account:a", accountLimit, at);
	}
	assert.ok(entry);
	return entry;
}

test("nine failures are free, then the wait doubles from one second to fifteen minutes", () => {
	assert.equal(waitMs(undefined, start), 0);
	assert.equal(waitMs(failing(9), start), 0);
	const waits = [10, 11, 12, 13, 19, 20, 21, 1000].map((times) => waitMs(failing(times), start) / 1000);
	assert.deepEqual(waits, [1, 2, 4, 8, 512, 900, 900, 900]);
});

test("an address has fifty failures, because many people may share it", () => {
	let entry: LogonFailures | undefined;
	for (let index = 0; index < 49; index++) {
		entry = afterFailure(entry, "address:a", addressLimit, start);
	}
	assert.equal(waitMs(entry, start), 0);
	assert.equal(waitMs(afterFailure(entry, "address:a", addressLimit, start), start), 1000);
});

test("free failures are forgotten fifteen minutes after the first of them", () => {
	assert.equal(afterFailure(failing(9), "account:a", accountLimit, later(15 * minute - 1)).failures, 10);
	assert.equal(afterFailure(failing(9), "account:a", accountLimit, later(15 * minute)).failures, 1);
});

test("once there is a wait, only a quiet quarter of an hour after its end starts anew", () => {
	const blocked = failing(10);
	assert.equal(afterFailure(blocked, "account:a", accountLimit, later(1000 + 15 * minute - 1)).failures, 11);
	assert.equal(afterFailure(blocked, "account:a", accountLimit, later(1000 + 15 * minute)).failures, 1);
});

test("an attempt that was no failure is taken back, and with it the wait it brought", () => {
	const entry = withoutOne(failing(10), accountLimit);
	assert.deepEqual([entry.failures, waitMs(entry, start)], [9, 0]);
	const stillBlocked = withoutOne(failing(12), accountLimit);
	assert.deepEqual([stillBlocked.failures, waitMs(stillBlocked, start)], [11, 4000]);
});

test("an attacker who always tries at once has fewer than 1000 guesses a day evaluated", () => {
	const dayMs = 24 * 60 * minute;
	for (const patience of [0, 15 * minute, 16 * minute]) {
		let entry: LogonFailures | undefined;
		let evaluated = 0;
		for (let now = 0; now < dayMs;) {
			entry = afterFailure(entry, "account:a", accountLimit, later(now));
			evaluated += 1;
			const wait = waitMs(entry, later(now));
			now += wait === 0 ? 1 : wait + patience;
		}
		assert.ok(evaluated < 1000, `${evaluated} guesses`);
		assert.ok(evaluated > 50);
	}
});

const networks: readonly [address: string, network: string][] = [
	["192.0.2.7", "192.0.2.7"],
	["::ffff:192.0.2.7", "192.0.2.7"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
	["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
	["2001:db8:1:3::1", "2001:db8:1:3::/64"],
	["fe80::1%eth0", "fe80::/64"],
	["not an address", "unknown"],
	["", "unknown"],
];
for (const [address, network] of networks) {
	test(`the address ${address} counts for ${network}`, () => assert.equal(networkOf(address), network));
}
