// What can be wrong with a tenant of SAP Cloud for Customer: its user, what the user may read, and what an e-mail's properties
// are called there.

import type { CheckStepName } from "#connectors/contract.ts";
import type { C4sEmailSimulator } from "#simulators/c4semail.ts";
import type { CheckFault } from "./stage.ts";

export const steps: readonly CheckStepName[] = [
	"address",
	"dns",
	"tls",
	"clock",
	"credentials",
	"scope",
	"sender", // The properties that reading needs.
	"sender", // What stands in them.
	"sender", // The properties that answers need.
	"webhook",
	"publicUrl",
];

type Fault = CheckFault<C4sEmailSimulator>;

const ofTheUser: readonly Fault[] = [
	{
		name: "the password is another one",
		step: "credentials",
		code: "credentials_refused",
		arrange(stage) {
			stage.secretsOf("_PARLEY")[0] = "another password";
		},
	},
	{
		name: "the path is that of no service",
		step: "credentials",
		code: "service_unknown",
		arrange({ service }) {
			service.serviceConnection += "x";
		},
	},
	{
		name: "something else answers in JSON",
		step: "credentials",
		code: "service_document_unreadable",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 200, body: '{"status":"up"}' } };
		},
	},
	{
		name: "the user may not use the service",
		step: "scope",
		code: "service_not_authorised",
		arrange({ simulator }) {
			simulator.setUp.forbidden.add("");
		},
	},
	{
		name: "the service has no e-mails",
		step: "scope",
		code: "email_collection_missing",
		arrange({ simulator }) {
			simulator.setUp.missing.add("EMailCollection");
		},
	},
	{
		name: "the user may not read e-mails",
		step: "scope",
		code: "email_not_authorised",
		arrange({ simulator }) {
			simulator.setUp.forbidden.add("EMailCollection");
		},
	},
];

function lacking(property: string, code: string): Fault {
	return {
		name: `e-mails have no ${property}`,
		step: "sender",
		code,
		arrange({ simulator }) {
			simulator.setUp.lacks.add(property);
		},
	};
}

const ofEmails: readonly Fault[] = [
	lacking("EntityLastChangedOn", "change_time_missing"),
	lacking("EMailNotes", "notes_missing"),
	lacking("InitiatorCode", "direction_missing"),
	lacking("FromEMailURI", "sender_missing"),
	lacking("ToEMailURI", "recipient_missing"),
	lacking("Subject", "subject_missing"),
	lacking("ExternalID", "mark_missing"),
	{
		name: "the tenant has other words for the direction",
		step: "sender",
		code: "direction_unknown",
		arrange({ simulator }) {
			simulator.setUp.inboundValue = "IN";
			simulator.store({ from: "kim@example.com", text: "Hello" });
		},
	},
	{
		name: "no sender stands in the property",
		step: "sender",
		code: "sender_empty",
		arrange({ simulator }) {
			simulator.store({ from: "", text: "Hello" });
		},
	},
	{
		name: "a proxy takes the cookie of the token away",
		step: "sender",
		code: "csrf_without_cookie",
		arrange({ simulator }) {
			simulator.setUp.demandsToken = true;
			simulator.setUp.givesCookie = false;
		},
	},
];

/** The host answers, but not as a tenant does. */
const ofTheHost: readonly Fault[] = [
	{
		name: "the tenant is in trouble",
		step: "credentials",
		code: "provider_in_trouble",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 503, body: "" } };
		},
	},
	{
		name: "the tenant asks for fewer calls",
		step: "credentials",
		code: "throttled",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 429, body: "" } };
		},
	},
	{
		name: "a page to log on answers",
		step: "credentials",
		code: "not_the_api",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 200, body: "<html>Log on</html>" } };
		},
	},
	{
		name: "the address points to another",
		step: "credentials",
		code: "api_elsewhere",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 302, body: "", headers: { location: "https://another.example/" } } };
		},
	},
];

export const faults = [...ofTheUser, ...ofEmails, ...ofTheHost];

export const notes: readonly Fault[] = [
	{
		name: "there is no e-mail so far",
		step: "sender",
		code: "no_emails",
		arrange: () => undefined,
	},
	{
		name: "there are e-mails, and a token is demanded",
		step: "sender",
		code: "ok",
		arrange({ simulator }) {
			simulator.setUp.demandsToken = true;
			simulator.store({ from: "Kim Doe <kim@example.com>", text: "Hello" });
		},
	},
	{
		name: "e-mails have no time of creation",
		step: "sender",
		code: "creation_time_missing",
		arrange({ simulator }) {
			simulator.setUp.lacks.add("CreationDateTime");
		},
	},
	{
		name: "tickets cannot be read",
		step: "sender",
		code: "tickets_not_read",
		arrange({ simulator }) {
			simulator.setUp.forbidden.add("ServiceRequestBusinessTransactionDocumentReferenceCollection");
		},
	},
	{
		name: "attachments cannot be read",
		step: "sender",
		code: "attachments_not_read",
		arrange({ simulator }) {
			simulator.setUp.missing.add("EMailAttachmentFolderCollection");
		},
	},
	{
		name: "nobody knows whether notifications come",
		step: "webhook",
		code: "notification_not_told",
		arrange: () => undefined,
	},
];
