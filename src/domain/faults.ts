// Why a send failed or a receipt says "failed": a closed list, so that states, retries and texts can be decided by it.

export const faultCodes = [
	"config",
	"credentials",
	"recipient",
	"content",
	"throttled",
	"unreachable",
	"protocol",
	"opted_out",
	"outside_window",
	"expired",
] as const;

/**
 * `config` the service is set up wrongly · `credentials` the provider refuses who we are · `recipient` this address can
 * not be reached · `content` this message is not acceptable · `throttled` too much, later · `unreachable` no connection,
 * or the provider is ill · `protocol` an answer nobody can read · `opted_out` the contact does not want messages, of any kind: it becomes
 * their consent (who only has not asked for any is `recipient`) ·
 * `outside_window` the channel's reply window is shut · `expired` its time ran out before it could be sent.
 */
export type FaultCode = (typeof faultCodes)[number];

export type Fault = { code: FaultCode; detail: string };
