// The resources of Twilio that a check reads: where they are, and as whom.

import type { Told } from "../kit/check-steps.ts";
import type { CheckStepName } from "../contract.ts";

export type Credentials = { id: string; secret: string };
/** One GET, as the one who sends unless another is named. */
export type Asked = (step: CheckStepName, url: string, as?: Credentials) => Promise<Told>;
export type TwilioApi = { origin: string; accountSid: string; ask: Asked };

export function basic({ id, secret }: Credentials): Readonly<Record<string, string>> {
	const pair = Buffer.from(`${id}:${secret}`, "utf8").toString("base64");
	return { authorization: `Basic ${pair}`, accept: "application/json" };
}

export function accountUrl({ origin, accountSid }: Pick<TwilioApi, "origin" | "accountSid">): string {
	return `${origin}/2010-04-01/Accounts/${accountSid}`;
}

/** Messaging Services live on a host of their own, in the same edge and region. */
export function messagingUrl(origin: string, path: string): string {
	return `${origin.replace(/^(https?:\/\/)api\.(?=(?:[a-z0-9-]+\.)*twilio\.com$)/, "$1messaging.")}/${path}`;
}
