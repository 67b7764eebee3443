import assert from "node:assert/strict";
import { recordArrivals } from "#storage/arrivals.ts";
import { arrivalOf, messageEvent, setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { fitting } from "./fitting.ts";
import { sortOut } from "./receive.ts";

onBothDialects(
	"an id or address that no index takes is kept as unreadable, the longest allowed ones are stored",
	async (open) => {
		const stage = await setStage(await open());
		// Random, so that compression does not make it short.
		const long = (length: number) =>
			Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(stage.random.fraction() * 0x5000))).join("");
		const address = long(255);
		const given = [
			messageEvent(long(500), { ourAddress: address, contact: { address, scope: address } }),
			messageEvent(long(3000)),
			messageEvent("m1", { contact: { address: long(256) } }),
		];
		const { ours } = sortOut(given.map(fitting));
		await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, ours)]));
		const rows = await stage.storage.db.selectFrom("inbox").select(["kind", "state"]).orderBy("id").execute();
		assert.deepEqual(
			rows.map(({ kind, state }) => `${kind} ${state}`),
			["message received", "unreadable parked", "unreadable parked"],
		);
	},
);
