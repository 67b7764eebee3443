// Contacts are e-mail addresses; our address is the mailbox, or the tenant's host where none is named.

import type { Addressing, AddressingInput } from "../contract.ts";
import { addressPattern, type C4sConfig } from "./form.ts";

export function addressing({ from, to, channel }: AddressingInput, config: C4sConfig): Addressing {
	if (channel !== undefined && channel !== "email") {
		return { ok: false, field: "channel", message: "This service has the channel email only." };
	}
	if (from !== undefined && from.trim().toLowerCase() !== config.ourAddress) {
		return { ok: false, field: "from", message: `Our address of this service is ${config.ourAddress}.` };
	}
	const contactAddress = to.trim().toLowerCase();
	return addressPattern.test(contactAddress)
		? { ok: true, channel: "email", ourAddress: config.ourAddress, contactAddress }
		: { ok: false, field: "to", message: "This is no e-mail address." };
}
