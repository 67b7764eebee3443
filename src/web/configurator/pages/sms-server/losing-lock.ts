// Which types lose what when Use Local Http Authentication is switched off, and how many services that concerns. Pure.

import type { ServiceType } from "#web/api/objects.ts";

export type LosesLock = { type: string; label: string; services: number };

type Type = Pick<ServiceType, "type" | "label" | "inboundProof" | "localHttpAuthentication">;

/** `shut`: proven by an HTTP user only, so nobody gets in any more · `weaker`: the signature alone remains. */
export function losingTheirLock(types: readonly Type[], services: readonly { type: string }[]) {
	const concerned = types
		.filter(({ localHttpAuthentication }) => localHttpAuthentication === "required")
		.map(({ type, label, inboundProof }) => ({
			type,
			label,
			services: services.filter((service) => service.type === type).length,
			isShut: inboundProof === "httpUser",
		}))
		.toSorted((one, other) => other.services - one.services);
	const shown = ({ isShut: _isShut, ...rest }: (typeof concerned)[number]): LosesLock => rest;
	return {
		shut: concerned.filter(({ isShut }) => isShut).map(shown),
		weaker: concerned.filter(({ isShut }) => !isShut).map(shown),
	};
}
