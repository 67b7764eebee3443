// What the simulated Microsoft tells: change notifications with encrypted messages and signed tokens, and activities of the
// Bot Framework.

import type { Clock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import type { Person } from "./teams-graph-api.ts";
import { encrypted, keyPair, tokenOf } from "./teams-keys.ts";
import { type Json, resourceOf, type TeamsMessage, type TeamsPlace } from "./teams-messages.ts";
import type { TeamsSubscription } from "./teams-subscriptions.ts";

export type TeamsSender = {
	clock: Clock;
	random: Random;
	applicationId: string;
	tenant: string;
	person: Person;
	/** Of the key that signs. */
	kid: string;
	/** Of the Bot Connector. */
	serviceUrl: string;
};

const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086"; // Microsoft's program that sends notifications.

type Written = { place: TeamsPlace; message: TeamsMessage };

/** One item for each subscription. */
export function notification(subscriptions: readonly TeamsSubscription[], written: Written, sender: TeamsSender): Json {
	const value = subscriptions.map((subscription) => itemOf(subscription, written, sender));
	const isRich = value.some((one) => "encryptedContent" in one);
	return isRich ? { value, validationTokens: [validationToken(sender)] } : { value };
}

function itemOf(subscription: TeamsSubscription, { place, message }: Written, { random, tenant }: TeamsSender): Json {
	const { id, clientState, expirationDateTime, certificate } = subscription;
	const where = `${resourceOf(place)}/messages('${message.id}')`;
	const content =
		certificate === undefined
			? {}
			: {
					encryptedContent: {
						...encrypted(JSON.stringify(message), certificate.der, random),
						encryptionCertificateId: certificate.id,
					},
				};
	return {
		subscriptionId: id,
		changeType: "created",
		clientState,
		subscriptionExpirationDateTime: expirationDateTime,
		resource: where,
		resourceData: { id: message.id, "@odata.type": "#Microsoft.Graph.chatMessage", "@odata.id": where },
		tenantId: tenant,
		...content,
	};
}

export function validationToken({ clock, applicationId, tenant, kid }: TeamsSender): string {
	const seconds = Math.floor(clock.now().getTime() / 1000);
	const claims = {
		aud: applicationId,
		iss: `https://sts.windows.net/${tenant}/`,
		iat: seconds,
		nbf: seconds,
		exp: seconds + 3600,
		appid: publisher,
		appidacr: "2",
		tid: tenant,
		ver: "1.0",
	};
	return tokenOf(claims, keyPair(0), kid);
}

type Said = { id: string; conversation: string; text: string; name: string };

export function botCall(said: Said, sender: TeamsSender): { body: Json; headers: Readonly<Record<string, string>> } {
	const { clock, applicationId, tenant, person, kid, serviceUrl } = sender;
	const now = clock.now();
	const seconds = Math.floor(now.getTime() / 1000);
	const times = { nbf: seconds - 60, exp: seconds + 3600 };
	const claims = { serviceurl: serviceUrl, iss: "https://api.botframework.com", aud: applicationId, ...times };
	const body = {
		type: "message",
		id: said.id,
		timestamp: now.toISOString(),
		serviceUrl,
		channelId: "msteams",
		from: { id: `29:${person.id}`, name: said.name, aadObjectId: person.id },
		conversation: { id: said.conversation, conversationType: "personal", tenantId: tenant },
		recipient: { id: `28:${applicationId}`, name: "Parley" },
		text: said.text,
		textFormat: "plain",
		attachments: [{ contentType: "text/html", content: `<p>${escaped(said.text)}</p>` }],
		channelData: { tenant: { id: tenant } },
	};
	return { body, headers: { authorization: `Bearer ${tokenOf(claims, keyPair(0), kid)}` } };
}

export function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
