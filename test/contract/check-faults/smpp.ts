// What an SMSC says to a bind that it refuses: who is bound, from where, how often, in which version.

import type { CheckStepName } from "#connectors/contract.ts";
import type { SmppSimulator } from "#simulators/smpp.ts";
import type { CheckFault } from "./stage.ts";

export const steps: readonly CheckStepName[] = ["address", "dns", "tls", "credentials"];

export const nothingToAsk = "SMPP 3.4 has no question about an account; all that is told is the answer to the bind.";

function refused(name: string, bindStatus: number, code: string): CheckFault<SmppSimulator> {
	return {
		name,
		step: "credentials",
		code,
		arrange({ simulator }) {
			simulator.bindStatus = bindStatus;
		},
	};
}

export const faults: readonly CheckFault<SmppSimulator>[] = [
	{
		name: "the password is another one",
		step: "credentials",
		code: "password_refused",
		arrange({ service }) {
			service.authentications.forEach(({ secrets }) => secrets.splice(0, 1, "another1"));
		},
	},
	{
		name: "the system_id is another one",
		step: "credentials",
		code: "user_refused",
		arrange({ service }) {
			service.authentications.forEach((entry) => (entry.authenticationId = "nobody"));
		},
	},
	{
		name: "an SMSC that is older than 3.4 knows no transceiver",
		step: "credentials",
		code: "version_refused",
		arrange({ simulator }) {
			simulator.knowsTransceiver = false;
		},
	},
	{
		name: "another program holds the only bind of the account",
		step: "credentials",
		code: "too_many_lines",
		arrange({ simulator }) {
			simulator.occupy();
		},
	},
	refused("the bind fails, and nobody says why", 0x0d, "credentials_refused"),
	refused("the system type is wrong", 0x53, "setup_refused"),
	refused("there were too many binds", 0x58, "greeting_throttled"),
	refused("the SMSC has an error within", 0x08, "greeting_refused"),
];
