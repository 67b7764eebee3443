// Goal: a service whose secrets could not be opened works again as soon as the key ring is back, without anybody touching
// its configuration. Method: the book over real storage, with a box that is locked and unlocked.

import assert from "node:assert/strict";
import test from "node:test";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { lockedSecretBox, secretBox } from "#platform/secret-box.ts";
import { sealSecret } from "#storage/service-secrets.ts";
import { insertService } from "#storage/services.ts";
import { localSignals } from "#storage/signals.ts";
import { fileSettings, testMac } from "#test/file-scene.ts";
import { setStage } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { openBook } from "./open-book.ts";

const settings = {
	publicBaseUrl: "https://parley.example",
	basePath: "",
	bodyBytesMax: 1000,
	useLocalHttpAuthentication: true,
	retry: { baseMs: 1000, capMs: 1000 },
	lease: { ms: 20_000 },
	breaker: { failures: 10, probeMs: 30_000 },
	quarantine: { rowsMax: 100, bytesMax: 1000 },
	...fileSettings,
};

test("with another key ring the services are opened anew, and with the same one they are not", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const { storage, clock, ids, random } = stage;
	const real = secretBox(new Map([["d1", new Uint8Array(32).fill(1)]]), "d1", random);
	const id = ids.next<ServiceId>();
	const connection = { serviceConnection: "https://graph.example/v25.0", authenticationUrl: null };
	const entry = { id: ids.next<AuthenticationEntryId>(), direction: "both" as const };
	const secret = sealSecret({ box: real, fingerprint: () => "0000" }, entry, "page-token", connection);
	const authentication = { ...entry, authenticationId: "111", secret, previous: null, changedAt: clock.now() };
	const service = { name: "Page", enabled: true, ...connection, authenticationScope: null, settings: {} };
	const whole = {
		...service,
		id,
		type: "facebook",
		incomingMode: "enforce" as const,
		authentications: [authentication],
	};
	await storage.write((tx) => insertService(tx, whole, clock.now()));
	const ring = { box: lockedSecretBox(), version: "none" };
	const deps = { ...stage, signals: localSignals(), log: silentLog, metrics: openMetrics(), mac: testMac, settings };
	const { services, bookkeeping } = await openBook(
		{ ...deps, box: () => ring.box, boxVersion: () => ring.version },
		{ useLocalHttpAuthentication: true },
	);
	t.after(() => bookkeeping.stop());
	const locked = services.byId(id);
	assert.deepEqual([locked?.isLocked, locked?.stored.authentications[0]?.secrets], [true, []]);
	await services.refresh();
	assert.equal(services.byId(id), locked, "nothing changed, nothing was read");
	Object.assign(ring, { box: real, version: "d1" });
	await services.refresh();
	const opened = services.byId(id);
	assert.deepEqual([opened?.isLocked, opened?.stored.authentications[0]?.secrets], [false, ["page-token"]]);
	Object.assign(ring, { box: lockedSecretBox(), version: "none" });
	await services.refresh();
	assert.equal(services.byId(id)?.isLocked, true, "a ring that went away takes the secrets with it");
});
