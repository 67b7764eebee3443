// Files of a message: a media resource of the account, which sends us on to where the file lies.
// https://help.twilio.com/articles/223183748 (HTTP Basic for media), checked 2026-11-26.
//   GET {Service Connection}/2010-04-01/Accounts/AC…/Messages/MM…/Media/ME…   Authorization: Basic …
//   307 Location: https://mms.twiliocdn.com/AC…/…?Expires=…&Signature=…

import type { Attachment } from "#domain/messages.ts";
import type { MediaAnswer, Tools } from "../contract.ts";
import { fetchByRedirect } from "../kit/media.ts";
import type { TwilioConfig } from "./form.ts";
import { basic } from "./resources.ts";

/** The API, its CDN, and the store behind it where media are not protected. Others' buckets lie at the last one too. */
export const mediaHosts = ["api.twilio.com", "*.twilio.com", "*.twiliocdn.com", "s3-external-1.amazonaws.com"];

export function fetchMedia(attachment: Attachment, config: TwilioConfig, tools: Tools): Promise<MediaAnswer> {
	return fetchByRedirect(attachment, credentialsFor(attachment.url, config), tools);
}

/** Only for resources of the account, at the API: nobody else learns the auth token. */
function credentialsFor(address: string, config: TwilioConfig): Readonly<Record<string, string>> {
	const { user } = config;
	const secret = isOurResource(address, config) ? user?.secret : undefined;
	return user === undefined || secret === undefined
		? {}
		: { authorization: basic({ id: user.id, secret })["authorization"] ?? "" };
}

const ofMessage = /^Messages\/[A-Za-z0-9]{1,64}\/Media\/[A-Za-z0-9]{1,64}$/;

/** A file of a message, at the API as we know it or in another region of it: the auth token opens everything else there. */
function isOurResource(address: string, { origin, accountSid }: TwilioConfig): boolean {
	const url = URL.parse(address);
	if (url === null || accountSid === undefined) {
		return false;
	}
	const isApi = url.origin === origin || /^https:\/\/api\.(?:[a-z0-9-]+\.)*twilio\.com$/.test(url.origin);
	const folder = `/2010-04-01/Accounts/${accountSid}/`;
	const isFile = url.pathname.startsWith(folder) && ofMessage.test(url.pathname.slice(folder.length));
	return isApi && isFile && url.search === "";
}
