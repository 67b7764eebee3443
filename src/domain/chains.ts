// The key of a chain: which service, on which medium, between which two addresses. Addresses are opaque and compared
// case-insensitively, as the original does with queue addresses.

export type Chain = { serviceId: string; channel: string; ourAddress: string; contactAddress: string };

/** Equal for two addresses that are the same to the product. */
export function addressKey(address: string): string {
	// Small letters may compose where capitals do not (Ϊ with an accent), and a final sigma is a sigma.
	return address.normalize("NFC").toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

/** JSON, so that no two different chains share a key. */
export function chainKey(chain: Chain): string {
	return JSON.stringify([
		chain.serviceId,
		chain.channel.toLowerCase(),
		addressKey(chain.ourAddress),
		addressKey(chain.contactAddress),
	]);
}
