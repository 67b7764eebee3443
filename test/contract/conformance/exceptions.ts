// Where a provider documents something else than the general rule, with the reason. Each exception must make a
// difference: one that says what the rule says anyway is a finding.

import type { Outcome } from "#connectors/contract.ts";

/** By the name of the answer in `sending-table.ts`. */
export type Exceptions = Readonly<Record<string, { kind: Outcome["kind"]; because: string }>>;

/** Types whose provider wants a secret in the address itself, and where it says so. People must not see it there either. */
export const secretsInAddresses: Readonly<Record<string, string>> = {
	telegram:
		"As documented (https://core.telegram.org/bots/api#making-requests, checked 2026-11-26): …/bot<token>/METHOD_NAME.",
};

export const exceptionsByType: Readonly<Record<string, Exceptions>> = {
	sinchconversation: {
		"408": {
			kind: "retry",
			because: "RFC 9110 section 15.5.9: the server did not receive a complete request, so it carried nothing out.",
		},
		"503": {
			kind: "retry",
			because:
				"As documented (https://developers.sinch.com/docs/conversation/api-reference/, checked 2026-11-24): the same request is to be repeated with back-off.",
		},
	},
	sinchsms: {
		"500": {
			kind: "retry",
			because:
				"As documented (https://github.com/sinch/docs/blob/master/docs/sms/sms-guide.md, HTTP Statuses, checked 2026-11-24): an internal error occurred and the request was not processed.",
		},
		"503": {
			kind: "retry",
			because: "As documented (the same page): the service is unable to perform the request at this point.",
		},
	},
};
