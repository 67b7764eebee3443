// Subscriptions of the simulated Graph: which are taken, as
// https://learn.microsoft.com/graph/api/subscription-post-subscriptions has it, and which messages each brings.

import type { HeardRequest } from "./kit.ts";
import { isCertificate } from "./teams-keys.ts";
import {
	asObject,
	badRequest,
	type GraphRefusal,
	isOnly,
	type Json,
	objectIn,
	type TeamsPlace,
} from "./teams-messages.ts";

export type TeamsSubscription = {
	id: string;
	resource: string;
	changeType: string;
	notificationUrl: string;
	lifecycleNotificationUrl: string | undefined;
	expirationDateTime: string;
	clientState: string;
	certificate: { id: string; der: string } | undefined;
};

const minuteMs = 60_000;
const minutesMax = { plain: 60, withLifecycle: 4320 };
const fieldsKnown = [
	"changeType",
	"notificationUrl",
	"lifecycleNotificationUrl",
	"resource",
	"expirationDateTime",
	"clientState",
	"includeResourceData",
	"encryptionCertificate",
	"encryptionCertificateId",
];

type Situation = { present: readonly TeamsSubscription[]; userId: string; now: Date };

export function readSubscription(
	request: HeardRequest,
	{ present, userId, now }: Situation,
): Omit<TeamsSubscription, "id"> | GraphRefusal {
	const fields = objectIn(request);
	const said = (name: string): string => (typeof fields?.[name] === "string" ? fields[name] : "");
	const resource = said("resource");
	const changes = said("changeType").split(",");
	const rules: readonly [boolean, string][] = [
		[isOnly(fields, fieldsKnown), "There are fields that are not known"],
		[isResource(resource, userId), `Resource ${resource} is not supported`],
		[changes.every((change) => ["created", "updated", "deleted"].includes(change)), "changeType is not supported"],
		[isAddress(said("notificationUrl")), "notificationUrl is no address"],
		[said("lifecycleNotificationUrl") === "" || isAddress(said("lifecycleNotificationUrl")), "No lifecycle address"],
		[said("clientState").length > 0 && said("clientState").length <= 128, "clientState is too long, or missing"],
		[isTimely(said("expirationDateTime"), said("lifecycleNotificationUrl") !== "", now), "expirationDateTime is wrong"],
	];
	const broken = rules.find(([holds]) => !holds);
	if (broken !== undefined) {
		return badRequest(broken[1]);
	}
	if (present.some((one) => one.resource === resource && Date.parse(one.expirationDateTime) > now.getTime())) {
		return { status: 409, code: "Conflict", message: "A subscription of this application to it is there already" };
	}
	const certificate = certificateIn(fields ?? {});
	return certificate === "wrong"
		? badRequest("Resource data needs an encryption certificate and its id")
		: {
				resource,
				changeType: said("changeType"),
				notificationUrl: said("notificationUrl"),
				lifecycleNotificationUrl: said("lifecycleNotificationUrl") || undefined,
				expirationDateTime: said("expirationDateTime"),
				clientState: said("clientState"),
				certificate,
			};
}

function certificateIn(fields: Json): TeamsSubscription["certificate"] | "wrong" {
	const { encryptionCertificate: der, encryptionCertificateId: id, includeResourceData } = fields;
	if (includeResourceData !== true) {
		return der === undefined && id === undefined ? undefined : "wrong";
	}
	const isWhole = typeof der === "string" && typeof id === "string" && id.length <= 128 && isCertificate(der);
	return isWhole ? { der, id } : "wrong";
}

function isAddress(text: string): boolean {
	return /^https?:\/\/[^/\s@]+\//.test(text);
}

function isResource(resource: string, userId: string): boolean {
	return (
		resource === `/users/${userId}/chats/getAllMessages` ||
		/^\/chats\/19:[^/]+\/messages$/.test(resource) ||
		/^\/teams\/[0-9a-f-]{36}\/channels\/19:[^/]+\/messages$/.test(resource)
	);
}

/** The new end, or why it is not taken. */
export function readRenewal(request: HeardRequest, subscription: TeamsSubscription, now: Date): string | GraphRefusal {
	const fields = asObject(objectIn(request));
	const end = fields?.["expirationDateTime"];
	const isLong = subscription.lifecycleNotificationUrl !== undefined;
	return isOnly(fields, ["expirationDateTime"]) && typeof end === "string" && isTimely(end, isLong, now)
		? end
		: badRequest("expirationDateTime is wrong");
}

function isTimely(text: string, hasLifecycle: boolean, now: Date): boolean {
	const aheadMs = Date.parse(text) - now.getTime();
	const most = hasLifecycle ? minutesMax.withLifecycle : minutesMax.plain;
	return aheadMs > 0 && aheadMs <= most * minuteMs;
}

/** As Graph shows it: the client state and the certificate are not told. */
export function shown(subscription: TeamsSubscription, applicationId: string): Json {
	const { clientState: _state, certificate, ...told } = subscription;
	return {
		...told,
		applicationId,
		clientState: null,
		includeResourceData: certificate !== undefined,
		encryptionCertificateId: certificate?.id ?? null,
	};
}

export function covers({ resource, expirationDateTime }: TeamsSubscription, place: TeamsPlace, now: Date): boolean {
	const own =
		"chatId" in place
			? [`/chats/${place.chatId}/messages`]
			: [`/teams/${place.teamId}/channels/${place.channelId}/messages`];
	const isEvery = "chatId" in place && resource.endsWith("/chats/getAllMessages");
	return Date.parse(expirationDateTime) > now.getTime() && (isEvery || own.includes(resource));
}
