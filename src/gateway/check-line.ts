// A check of a service whose type speaks over a line: the line itself is looked at, and tried where it is closed. One that
// opens has shown all that there is to ask; and nothing comes back by HTTP.

import type { CheckStep, CheckStepName, LineFinding, LineView, Tools } from "#connectors/contract.ts";
import { isUnencrypted } from "#connectors/kit/rules.ts";
import { failed, passed } from "./check-step.ts";
import type { OpenService } from "./open-service.ts";
import { addressShown } from "./tools.ts";

const stepNames = ["address", "dns", "tls", "credentials"] as const satisfies readonly CheckStepName[];
type LineStep = (typeof stepNames)[number];

/** At which step each finding shows, and what to do. */
const findings: Readonly<Record<LineFinding, readonly [step: LineStep, advice: string]>> = {
	address_blocked: ["address", "Name it in the setting outboundAllow if it is meant."],
	line_not_kept: ["address", "Switch the service on and complete it; then check once more."],
	dns_failed: ["dns", "Look for a typing error, or see to this machine's DNS."],
	connection_refused: ["tls", "Look for a typing error in the port, or a firewall on the way."],
	connection_timeout: ["tls", "Look for a firewall that drops packets on the way."],
	connection_reset: ["tls", "Ask the provider whether it lets this machine's public address in."],
	tls_failed: ["tls", "Look for a typing error in the host, or for a proxy that opens TLS on the way."],
	not_the_protocol: ["tls", "Look for a typing error in host and port: something else answers there."],
	greeting_unanswered: ["credentials", "Ask the provider whether it lets this machine's public address in."],
	greeting_refused: ["credentials", "Ask the provider; the line is tried again by itself."],
	greeting_throttled: [
		"credentials",
		"Look for another program that opens lines with this user; it is tried again by itself.",
	],
	too_many_lines: [
		"credentials",
		"Ask the provider for as many lines as there are nodes; end what else uses this user.",
	],
	credentials_refused: ["credentials", "Enter user and password once more; after a change it is tried at once."],
	user_refused: ["credentials", "Look for a typing error in the user, and in the host: another one may have it."],
	password_refused: ["credentials", "Enter the password once more; after a change it is tried at once."],
	version_refused: ["credentials", "Ask the provider for an account that speaks this version of the protocol."],
	setup_refused: ["credentials", "Correct the settings of the service as the provider says."],
	line_failed: ["credentials", "The log of the SMS Server has the cause."],
};

export function lineAddressProblem({ stored: { serviceConnection } }: OpenService): CheckStep | undefined {
	const isReadable = serviceConnection === "" || (URL.parse(serviceConnection)?.hostname ?? "") !== "";
	return isReadable
		? undefined
		: failed(
				"address",
				"address_unreadable",
				`${serviceConnection} is no address.`,
				"Enter it as the provider gives it, with its scheme and port.",
			);
}

export async function lineSteps({ stored }: OpenService, tools: Tools): Promise<readonly CheckStep[]> {
	const view: LineView = (await tools.line?.look()) ?? noLine;
	const all = stepNames.map((step) => wellStep(step, stored.serviceConnection));
	if (view.state === "open") {
		return all;
	}
	const [step, advice] = findings[view.finding];
	return [...all.slice(0, stepNames.indexOf(step)), failed(step, view.finding, view.because, advice)];
}

const noLine: LineView = {
	state: "closed",
	finding: "line_not_kept",
	code: "config",
	because: "No line is kept here.",
};

function wellStep(step: LineStep, address: string): CheckStep {
	switch (step) {
		case "address":
			return passed(step, `${addressShown(address)} may be called.`);
		case "dns":
			return passed(step, `${URL.parse(address)?.hostname ?? ""} has an address.`);
		case "tls":
			return isUnencrypted(address)
				? {
						...failed(step, "not_encrypted", "The line is not encrypted.", "Use the provider's port for TLS."),
						ok: true,
					}
				: passed(step, "The certificate is valid.");
		case "credentials":
			return passed(step, "The provider let us in.");
	}
}
