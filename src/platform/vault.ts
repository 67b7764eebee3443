// The key ring and the secret box as they are at this moment. While the key ring is away everything sealed is locked, and
// opens again by itself when the file is back: nobody has to restart anything.

import { SecretsLocked, type SecretBox, lockedSecretBox } from "./secret-box.ts";
import type { KeyRing } from "./key-ring.ts";

export type OpenedVault = { ring: KeyRing; box: SecretBox };

export type Vault = {
	/** Delegates to the box of the moment; its methods throw `SecretsLocked` while there is none. */
	readonly box: SecretBox;
	/** The key ring's keyed hash; throws `SecretsLocked` while there is no ring. */
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
	/** Changes when the vault is opened or locked. */
	version(): string;
	isOpen(): boolean;
	open(opened: OpenedVault): void;
};

export function emptyVault(): Vault {
	let opened: OpenedVault | undefined;
	let version = 0;
	const current = () => opened?.box ?? lockedSecretBox();
	return {
		box: {
			seal: (clear, place) => current().seal(clear, place),
			openText: (sealed, place) => current().openText(sealed, place),
			openBytes: (sealed, place) => current().openBytes(sealed, place),
			dataKeyIdOf: (sealed) => current().dataKeyIdOf(sealed),
		},
		mac(purpose, ...pieces) {
			if (opened === undefined) {
				throw new SecretsLocked();
			}
			return opened.ring.mac(purpose, ...pieces);
		},
		version: () => String(version),
		isOpen: () => opened !== undefined,
		open(fresh) {
			opened = fresh;
			version += 1;
		},
	};
}
