// Opens the key ring and the data keys at the start, and again from time to time while they are locked.

import { openKeyRing } from "#platform/key-ring.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import { emptyVault, type Vault } from "#platform/vault.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { hasDataKeys, openDataKeys } from "#storage/data-keys.ts";
import type { Storage } from "#storage/storage.ts";
import type { System } from "./system.ts";

const retryMs = 5000;

export type VaultDeps = { system: System; storage: Storage; log: Log; metrics: Pick<Metrics, "alarm"> };

/** Rejects when the key ring is readable by others: going on would leave the secrets exposed. */
export async function openVault(deps: VaultDeps): Promise<{ vault: Vault; watch(): RunningWorker }> {
	const vault = emptyVault();
	const why = await tryToOpen(vault, deps);
	if (why !== undefined) {
		deps.log.error(`Stored secrets are locked: ${why}`, { server: "main", setting: "keyRing" });
	}
	const watch = () =>
		startWorker(
			{ name: "Key ring", pollMs: retryMs, round: () => watchOnce(vault, deps), listen: () => () => undefined },
			{
				clock: deps.system.clock,
				log: deps.log,
			},
		);
	return { vault, watch };
}

async function watchOnce(vault: Vault, deps: VaultDeps): Promise<boolean> {
	if (!vault.isOpen() && (await tryToOpen(vault, deps)) === undefined) {
		deps.log.info("Stored secrets are open again.", { server: "main", setting: "keyRing" });
	}
	return false;
}

/** Undefined when it is open now; otherwise why not. */
async function tryToOpen(vault: Vault, { system, storage, metrics }: VaultDeps): Promise<string | undefined> {
	const { random, clock, settings } = system;
	const mayCreate = !(await hasDataKeys(storage.db));
	const opened = openKeyRing(settings.keyRing, { random, clock }, { mayCreate });
	if (!opened.ok && opened.why === "exposed") {
		throw new Error(opened.detail);
	}
	const keys = await openDataKeys(storage, opened, { random, clock });
	metrics.alarm("key_ring", !keys.ok);
	if (!keys.ok || !opened.ok) {
		return keys.ok ? "The key ring is not there." : keys.why;
	}
	vault.open({ ring: opened.ring, box: keys.box });
	return undefined;
}
