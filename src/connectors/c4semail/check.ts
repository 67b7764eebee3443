// Whether a tenant of SAP Cloud for Customer would work: its user, its rights, the names of an e-mail's properties, and what
// stands in them. Only GETs. Its $metadata is larger than an answer may be, so each name is tried by asking for it.
//   GET …/c4codataapi/?$format=json   {"d":{"EntitySets":["EMailCollection",…]}}

import type { CheckStep, CheckStepName, HttpCall, Tools } from "../contract.ts";
import { askInOrder, failed, noted, passed, refusal, type Told, toldBy } from "../kit/check-steps.ts";
import { asArray, asObject } from "../kit/http.ts";
import { quotedWords } from "./asking.ts";
import { changeTime, contactOf, creationTimes, notes, toEmail } from "./emails.ts";
import type { C4sConfig } from "./form.ts";
import { type Access, headersOf, question, timeLiteral } from "./odata.ts";
import { proofIn, toTokenRequest } from "./outbound.ts";

type Query = Readonly<Record<string, string>>;
type Tenant = {
	config: C4sConfig;
	access: Access;
	tools: Tools;
	ask(step: CheckStepName, collection: string, query: Query): Promise<Answered>;
};
/** `said`: the tenant's own words about a refusal. */
type Answered = Told & { said: string };

const provider = "SAP Cloud for Customer";

export async function check(
	config: C4sConfig,
	_our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	const { access } = config;
	if (access === undefined) {
		return [];
	}
	const tenant: Tenant = {
		config,
		access,
		tools,
		ask: (step, collection, query) => asked(step, question(access, collection, query), config, tools),
	};
	return askInOrder([
		() => credentials(tenant),
		() => scope(tenant),
		() => properties(tenant),
		() => values(tenant),
		() => creation(tenant),
		() => beside(tenant),
		() => (config.replyMode === "odata" ? replies(tenant) : []),
		() => [push(config)],
	]);
}

async function asked(step: CheckStepName, call: HttpCall, config: C4sConfig, tools: Tools): Promise<Answered> {
	const answer = await tools.http(call);
	const said = answer.kind === "answered" ? quotedWords(answer.body, config, []).replaceAll(/^ \(|\)$/g, "") : "";
	return { ...toldBy(provider, step, answer), said };
}

async function credentials({ access, config, tools }: Tenant): Promise<readonly CheckStep[]> {
	const call: HttpCall = { method: "GET", url: `${access.base}/?$format=json`, headers: headersOf(access) };
	const told = await asked("credentials", call, config, tools);
	if (!told.ok) {
		return [told.step];
	}
	const sets = asObject(told.fields["d"])?.["EntitySets"];
	const problem = problemOfService(told.status, Array.isArray(sets));
	if (problem !== undefined) {
		return [problem];
	}
	if (told.status !== 200) {
		return [refusal(provider, "credentials", told.status, told.said)];
	}
	const known = passed("credentials", `${provider} knows ${access.user} and its password.`);
	return asArray(sets).includes("EMailCollection") ? [known] : [known, collectionMissing()];
}

function problemOfService(status: number, hasSets: boolean): CheckStep | undefined {
	switch (status) {
		case 401:
			return failed(
				"credentials",
				"credentials_refused",
				`${provider} refuses the technical user or its password.`,
				"Enter the user of the communication arrangement and its password once more; a person's user gets locked.",
			);
		case 403:
			return failed(
				"scope",
				"service_not_authorised",
				"The technical user may not use this OData service at all.",
				"Make a communication arrangement with the scenario OData Services for Business Objects for this user.",
			);
		case 404:
			return failed(
				"credentials",
				"service_unknown",
				"There is no OData service at the address.",
				"Correct the path in Service Connection: /sap/c4c/odata/v1/c4codataapi, or that of a service of your own.",
			);
		default:
			return status === 200 && !hasSets
				? failed(
						"credentials",
						"service_document_unreadable",
						"What answers at the address does not list the collections of an OData service.",
						"Enter the address of the OData service itself, without $metadata and without a collection.",
					)
				: undefined;
	}
}

function collectionMissing(): CheckStep {
	return failed(
		"scope",
		"email_collection_missing",
		"The OData service has no EMailCollection.",
		"Use the service c4codataapi, or add the e-mail activity to the OData service of your own.",
	);
}

async function scope(tenant: Tenant): Promise<readonly CheckStep[]> {
	const told = await tenant.ask("scope", "EMailCollection", { $top: "1", $select: "ObjectID" });
	if (!told.ok) {
		return [told.step];
	}
	if (told.status === 403 || told.status === 401) {
		const advice = "Tick the service for e-mail activities in the communication arrangement of this user.";
		return [failed("scope", "email_not_authorised", "The technical user may not read e-mail activities.", advice)];
	}
	if (told.status === 404) {
		return [collectionMissing()];
	}
	return told.status === 200
		? [passed("scope", `${tenant.access.user} may read e-mail activities.`)]
		: [refusal(provider, "scope", told.status, told.said)];
}

type Needed = { code: string; query: Query; says: string; advice: string };

/** Those without which nothing comes in. */
function neededToRead({ config, tools }: Tenant): readonly Needed[] {
	const now = timeLiteral(tools.now().getTime());
	const recent = { $filter: `${changeTime} ge ${now}`, $orderby: changeTime, $top: "1" };
	const { direction, sender } = config.properties;
	return [
		{
			code: "change_time_missing",
			query: recent,
			says: `E-mails of this tenant cannot be asked for by ${changeTime}`,
			advice: "It exists since release 1911; in an OData service of your own, tick it for the e-mail activity.",
		},
		{
			code: "notes_missing",
			query: { ...recent, $expand: notes },
			says: `E-mails of this tenant have no ${notes}, so their text cannot be read`,
			advice: `In an OData service of your own, add ${notes} below the e-mail activity.`,
		},
		wanted("direction_missing", direction, "the direction"),
		wanted("sender_missing", sender, "the sender"),
	];
}

function neededToReply({ config: { properties: names } }: Tenant): readonly Needed[] {
	return [
		wanted("recipient_missing", names.recipient, "the recipient"),
		wanted("subject_missing", names.subject, "the subject"),
		wanted("mark_missing", names.mark, "our attempt id"),
	];
}

function wanted(code: string, property: string, what: string): Needed {
	return {
		code,
		query: { $select: `ObjectID,${property}`, $top: "1" },
		says: `E-mails of this tenant have no property ${property} for ${what}`,
		advice: "Look into $metadata of the OData service for its name in your tenant, and enter that in the settings.",
	};
}

/** The first that is not there; undefined: all are. */
async function missing(needed: readonly Needed[], { ask }: Tenant): Promise<CheckStep | undefined> {
	for (const { code, query, says, advice } of needed) {
		const told = await ask("sender", "EMailCollection", query);
		if (!told.ok) {
			return told.step;
		}
		if (told.status === 400 || told.status === 404) {
			return failed(
				"sender",
				code,
				`${says} (HTTP ${told.status}${told.said === "" ? "" : `: ${told.said}`}).`,
				advice,
			);
		}
		if (told.status !== 200) {
			return refusal(provider, "sender", told.status, told.said);
		}
	}
	return undefined;
}

async function properties(tenant: Tenant): Promise<readonly CheckStep[]> {
	const problem = await missing(neededToRead(tenant), tenant);
	return [problem ?? passed("sender", "E-mails have the properties that reading needs.")];
}

/** Names may be right, and still nothing of use may stand there. */
async function values({ ask, config }: Tenant): Promise<readonly CheckStep[]> {
	const { direction, sender } = config.properties;
	const told = await ask("sender", "EMailCollection", {
		$orderby: `${changeTime} desc`,
		$top: "20",
		$select: `ObjectID,${changeTime},${direction},${sender}`,
	});
	if (!told.ok) {
		return [told.step];
	}
	if (told.status !== 200) {
		return [refusal(provider, "sender", told.status, told.said)];
	}
	const emails = asArray(asObject(told.fields["d"])?.["results"]).map((entity) => toEmail(entity, config));
	if (emails.length === 0) {
		const advice =
			"Write an e-mail to the mailbox, and check again: what stands in its properties is not known before.";
		return [noted("sender", "no_emails", "The tenant has no e-mail activity so far.", advice)];
	}
	const inbound = emails.filter((email) => email.direction === "in");
	if (emails.every((email) => email.direction === undefined)) {
		const says = `In none of the newest e-mails ${direction} is one of the two values that are set.`;
		return [
			failed("sender", "direction_unknown", says, "See what it is in an e-mail that came in, and set that value."),
		];
	}
	return inbound.length > 0 && inbound.every(({ fields }) => contactOf(fields, config) === undefined)
		? [
				failed(
					"sender",
					"sender_empty",
					`In none of the newest e-mails that came in ${sender} is an e-mail address.`,
					"Look for the property that holds the sender's address in your tenant, and enter its name.",
				),
			]
		: [passed("sender", `The newest ${emails.length} e-mails can be read; ${inbound.length} of them came in.`)];
}

/** Without, only the time of its change tells whether an e-mail is old. */
async function creation({ ask }: Tenant): Promise<readonly CheckStep[]> {
	for (const name of creationTimes) {
		const told = await ask("sender", "EMailCollection", { $top: "1", $select: `ObjectID,${name}` });
		if (!told.ok) {
			return [told.step];
		}
		if (told.status === 200) {
			return [];
		}
	}
	return [
		noted(
			"sender",
			"creation_time_missing",
			`E-mails have neither ${creationTimes.join(" nor ")}: an old one that changes comes in as if it were new.`,
			"In an OData service of your own, tick the time of creation for the e-mail activity.",
		),
	];
}

/** Messages come without them, too. */
async function beside({ ask, config }: Tenant): Promise<readonly CheckStep[]> {
	const { findsTickets, attachmentCollection } = config;
	const tickets = await ask("sender", "ServiceRequestBusinessTransactionDocumentReferenceCollection", {
		$top: "1",
		$select: "ID,TypeCode,ParentObjectID",
	});
	const attachments =
		attachmentCollection === ""
			? undefined
			: await ask("sender", attachmentCollection, { $top: "1", $select: "ObjectID,ParentObjectID,Name,MimeType" });
	return [
		...(findsTickets && !isRead(tickets)
			? [
					noted(
						"sender",
						"tickets_not_read",
						"Which ticket an e-mail belongs to cannot be read; messages come without its number.",
						"Give the technical user the service for tickets, or switch Find the ticket off.",
					),
				]
			: []),
		...(attachments !== undefined && !isRead(attachments)
			? [
					noted(
						"sender",
						"attachments_not_read",
						`${attachmentCollection} cannot be read; messages come without their attachments.`,
						"Enter the collection's name in your tenant, or leave the setting empty.",
					),
				]
			: []),
	];
}

function isRead(told: Answered): boolean {
	return told.ok && told.status === 200;
}

async function replies(tenant: Tenant): Promise<readonly CheckStep[]> {
	const problem = await missing(neededToReply(tenant), tenant);
	if (problem !== undefined) {
		return [problem];
	}
	const proof = proofIn(await tenant.tools.http(toTokenRequest(tenant.access)));
	return proof !== undefined && proof["cookie"] === undefined
		? [
				failed(
					"sender",
					"csrf_without_cookie",
					"The tenant gives a CSRF token without the cookie that it counts with.",
					"See to a proxy that takes cookies away, or use the technical user of a communication arrangement.",
				),
			]
		: [passed("sender", "E-mails have the properties that answers need.")];
}

function push({ demandsHttpUser }: C4sConfig): CheckStep {
	return noted(
		"webhook",
		"notification_not_told",
		"SAP Cloud for Customer does not tell whether Event Notification calls us; messages come by asking all the same.",
		demandsHttpUser
			? "Change an e-mail there and look for the call among the last calls of this service."
			: "Change an e-mail there and look for the call among the last calls; lock the door by Demand an HTTP user.",
	);
}
