// What belongs to the e-mails of a page and stands elsewhere: the number of their ticket, and their attachments. One question
// for all of them. A tenant that does not let us read it gives messages without; trouble that passes makes the round wait.
// GET …/ServiceRequestBusinessTransactionDocumentReferenceCollection?$filter=ID eq '512' or ID eq '513'&…
//   {"d":{"results":[{"ID":"512","TypeCode":"39","ParentObjectID":"00163E…"}]}}

import type { Attachment } from "#domain/messages.ts";
import type { Tools } from "../contract.ts";
import { asFact, cut } from "../kit/facts.ts";
import { asText } from "../kit/http.ts";
import { ask, type Trouble } from "./asking.ts";
import { type Email, numberOf, type Related } from "./emails.ts";
import type { C4sConfig } from "./form.ts";
import { type Access, expandedIn, type Fields, objectIdIn, oneOf, question } from "./odata.ts";

export type Looked = { ok: true; related: Related } | { ok: false; trouble: Trouble };

type Asker = { access: Access; config: C4sConfig; tools: Tools };

export async function relatedTo(emails: readonly Email[], asker: Asker): Promise<Looked> {
	const tickets = await ticketsOf(emails, asker);
	if (!tickets.ok) {
		return tickets;
	}
	const attachments = await attachmentsOf(emails, asker);
	return attachments.ok
		? { ok: true, related: { tickets: tickets.found, attachments: attachments.found } }
		: attachments;
}

type Found<T> = { ok: true; found: ReadonlyMap<string, T> } | { ok: false; trouble: Trouble };

async function ticketsOf(emails: readonly Email[], asker: Asker): Promise<Found<string>> {
	const numbers = emails.flatMap((email) => numberOf(email) ?? []);
	if (!asker.config.findsTickets || numbers.length === 0) {
		return { ok: true, found: new Map() };
	}
	const references = await list(asker, "ServiceRequestBusinessTransactionDocumentReferenceCollection", {
		$filter: oneOf("ID", numbers),
		$select: "ID,TypeCode,ParentObjectID",
	});
	if (!references.ok) {
		return references;
	}
	const parents = new Map(
		references.found.flatMap((fields): [string, string][] => {
			const parent = objectIdIn({ ObjectID: fields["ParentObjectID"] });
			const number = asFact(fields["ID"]);
			// Numbers of other kinds of documents are counted by themselves.
			const isEmail = asFact(fields["TypeCode"]) === asker.config.emailTypeCode;
			return isEmail && parent !== undefined && number !== undefined ? [[number, parent]] : [];
		}),
	);
	return parents.size === 0 ? { ok: true, found: parents } : numbersOf(parents, asker);
}

async function numbersOf(parents: ReadonlyMap<string, string>, asker: Asker): Promise<Found<string>> {
	const requests = await list(asker, "ServiceRequestCollection", {
		$filter: oneOf("ObjectID", [...new Set(parents.values())]),
		$select: "ObjectID,ID",
	});
	if (!requests.ok) {
		return requests;
	}
	const numbers = new Map(requests.found.map((fields) => [objectIdIn(fields), asFact(fields["ID"])]));
	const found = [...parents].flatMap(([email, parent]): [string, string][] => {
		const number = numbers.get(parent);
		return number === undefined ? [] : [[email, number]];
	});
	return { ok: true, found: new Map(found) };
}

const attachmentsMax = 50; // Of one e-mail; ours.

async function attachmentsOf(emails: readonly Email[], asker: Asker): Promise<Found<readonly Attachment[]>> {
	const ids = emails.flatMap(({ objectId }) => objectId ?? []);
	const collection = asker.config.attachmentCollection;
	if (collection === "" || ids.length === 0) {
		return { ok: true, found: new Map() };
	}
	const listed = await list(asker, collection, {
		$filter: oneOf("ParentObjectID", ids),
		$select: "ObjectID,ParentObjectID,Name,MimeType", // Not Binary, which is the attachment itself.
	});
	if (!listed.ok) {
		return listed;
	}
	const found = new Map<string, readonly Attachment[]>();
	for (const fields of listed.found) {
		const parent = objectIdIn({ ObjectID: fields["ParentObjectID"] });
		const attachment = attachmentOf(fields, asker.access, collection);
		const before = parent === undefined ? [] : (found.get(parent) ?? []);
		if (parent !== undefined && attachment !== undefined && before.length < attachmentsMax) {
			found.set(parent, [...before, attachment]);
		}
	}
	return { ok: true, found };
}

/** By an address that we make ourselves: one that the answer tells could lead anywhere. */
function attachmentOf(fields: Fields, { base }: Access, collection: string): Attachment | undefined {
	const id = objectIdIn(fields);
	const contentType = asText(fields["MimeType"]);
	const filename = asText(fields["Name"]);
	return id === undefined
		? undefined
		: {
				url: `${base}/${collection}('${id}')/Binary/$value`,
				...(contentType === undefined ? {} : { contentType: cut(contentType, 100) }),
				...(filename === undefined ? {} : { filename: cut(filename, 255) }),
			};
}

type Listed = { ok: true; found: readonly Fields[] } | { ok: false; trouble: Trouble };

/** Not to be had: this user may not, or the tenant has no such collection or property. */
const without: ReadonlySet<number> = new Set([200, 400, 403, 404, 405, 410, 501]);

async function list(asker: Asker, collection: string, query: Readonly<Record<string, string>>): Promise<Listed> {
	const asked = await ask(question(asker.access, collection, query), asker.config, asker.tools);
	if (asked.ok) {
		return { ok: true, found: expandedIn(asked.page.entities) };
	}
	const { status, isTooLarge } = asked.trouble;
	return isTooLarge === true || (status !== undefined && without.has(status)) ? { ok: true, found: [] } : asked;
}
