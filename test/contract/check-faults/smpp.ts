// What an SMSC says to a bind, besides that it does not know us.

import type { CheckStepName } from "#connectors/contract.ts";
import type { SmppSimulator } from "#simulators/smpp.ts";
import type { CheckFault } from "./stage.ts";

export const steps: readonly CheckStepName[] = ["address", "dns", "tls", "credentials"];

export const nothingToAsk = "SMPP 3.4 has no question about an account; all that is told is the answer to the bind.";

export const faults: readonly CheckFault<SmppSimulator>[] = [
	{
		name: "the system type is wrong",
		step: "credentials",
		code: "setup_refused",
		arrange({ simulator }) {
			simulator.bindStatus = 0x53;
		},
	},
	{
		name: "the account is bound as often as it may be",
		step: "credentials",
		code: "greeting_refused",
		arrange({ simulator }) {
			simulator.bindStatus = 0x05;
		},
	},
];
