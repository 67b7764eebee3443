// Whether this process offers the sandbox, and what its simulators are told of it.

import type { AddressInfo } from "node:net";
import type { Log } from "#platform/log.ts";
import type { Vault } from "#platform/vault.ts";
import { noSandbox, type Sandbox } from "#rest/sandbox-port.ts";
import type { Settings } from "#settings";
import { usesTls } from "./main-tls.ts";
import { openSandbox } from "./sandbox.ts";

export type SandboxSurroundings = {
	settings: Pick<Settings, "sandbox" | "serve" | "publicBaseUrl" | "tls">;
	log: Log;
	vault: Vault;
	/** Where the main listener listens, by now. */
	addresses(): readonly (AddressInfo | string)[];
	allowMeanwhile(targets: readonly string[]): Promise<void>;
};

export function sandboxHere({ settings, log, vault, addresses, allowMeanwhile }: SandboxSurroundings): Sandbox {
	if (!settings.sandbox) {
		return noSandbox(
			"The sandbox is switched off; set the setting sandbox to true and start Parley again if you want it.",
		);
	}
	if (!settings.serve.includes("gateway")) {
		return noSandbox(
			"This process has no gateway, which the sandbox needs; ask a process whose setting serve names it.",
		);
	}
	return openSandbox({
		log,
		allowMeanwhile,
		begin: () => ({
			seed: Uint8Array.from(vault.mac("sandbox")),
			publicOrigin: new URL(settings.publicBaseUrl).origin,
			localOrigin: localOriginOf(addresses(), usesTls(settings.tls) ? "https" : "http"),
		}),
	});
}

function localOriginOf(addresses: readonly (AddressInfo | string)[], scheme: "http" | "https"): string {
	const listener = addresses.find((one) => typeof one === "object");
	const { address = "127.0.0.1", family = "IPv4", port = 0 } = listener ?? {};
	const isEvery = address === "0.0.0.0" || address === "::";
	const own = family === "IPv6" ? "::1" : "127.0.0.1";
	const host = isEvery ? own : address;
	return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
