// A messaging service as REST shows it: its stored fields, what is computed from them, and what should be looked at.
// No secret passes here but to ask the connector whether it can send.

import {
	type Connector,
	filledSettings,
	isUnencrypted,
	missingProofs,
	ruleFor,
	wantsHttpUser,
	whyCannotSend,
} from "#connectors/kit/rules.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { Access } from "#domain/rights.ts";
import { type JudgedState, serviceState, type Vitals } from "#domain/service-state.ts";
import type { AuthenticationEntry, MessagingService } from "#storage/services.ts";
import { type OpenedService, validPrevious } from "#storage/service-secrets.ts";

export type ViewFacts = {
	/** Public base URL and base path, as configured. */
	publicBase: string;
	useLocalHttpAuthentication: boolean;
	/** Whether an external user holds Use on this service. */
	hasHttpUser: boolean;
	allowed: readonly Access[];
	vitals: Vitals;
	now: Date;
	/** What was mended in this call. */
	notes: readonly string[];
};

export function toServiceView(service: MessagingService, opened: OpenedService, facts: ViewFacts) {
	const connector = connectorOf(service.type);
	const lack = whyNotReady(connector, opened);
	return {
		id: service.id,
		type: service.type,
		name: service.name,
		enabled: service.enabled,
		serviceConnection: service.serviceConnection,
		authenticationUrl: service.authenticationUrl,
		authenticationScope: service.authenticationScope,
		incomingMode: service.incomingMode,
		settings: connector === undefined ? service.settings : filledSettings(connector.config.form, service.settings),
		authentications: service.authentications.map((entry) => toEntryView(entry, connector, facts.now)),
		webhookUrl: webhookUrl(facts.publicBase, service),
		...stateFields(stateOf(service, opened, facts)),
		notes: [...facts.notes, ...standingNotes(service, opened, facts)],
		cannotSendBecause: lack ?? service.stoppedReason ?? (service.enabled ? null : "The service is switched off."),
		openDoorBecause: openDoor(connector, service, opened),
		allowed: facts.allowed,
		createdAt: service.createdAt.toISOString(),
		updatedAt: service.updatedAt.toISOString(),
	};
}

export type ServiceView = ReturnType<typeof toServiceView>;

export function toEntryView(entry: AuthenticationEntry, connector: Connector<unknown> | undefined, now: Date) {
	const rule = connector === undefined ? undefined : ruleFor(connector.config.form, entry.authenticationId);
	return {
		id: entry.id,
		authenticationId: entry.authenticationId,
		passwordSet: entry.secret !== null,
		fingerprint: entry.secret?.fingerprint ?? null,
		changedAt: entry.changedAt?.toISOString() ?? null,
		direction: entry.direction,
		role: rule?.role ?? null,
		previousValidUntil: validPrevious(entry, now)?.validUntil.toISOString() ?? null,
	};
}

export function webhookUrl(publicBase: string, { type, id }: { type: string; id: string }): string {
	return `${publicBase}/sms/${type}/${id}`;
}

export function stateOf(
	service: MessagingService,
	opened: OpenedService,
	{ vitals, now }: Pick<ViewFacts, "vitals" | "now">,
): JudgedState {
	const lack = whyNotReady(connectorOf(service.type), opened);
	return serviceState({ enabled: service.enabled, lack, stoppedReason: service.stoppedReason, vitals, now });
}

function stateFields({ state, because, action }: JudgedState) {
	return { state, stateBecause: because, stateAction: action };
}

/** What the configuration lacks for sending; a switched-off or stopped service may lack nothing. */
function whyNotReady(connector: Connector<unknown> | undefined, opened: OpenedService): string | undefined {
	if (connector === undefined) {
		return `This program has no connector for the type ${opened.type}; install one that has, or delete the service.`;
	}
	const broken = opened.authentications.find((entry) => entry.broken && entry.direction !== "incoming");
	return broken === undefined ? whyCannotSend(connector, opened) : brokenNote(broken.authenticationId);
}

function brokenNote(authenticationId: string): string {
	return `The stored secret of ${authenticationId} does not open; enter it again, or put back the key ring it was sealed with.`;
}

function openDoor(
	connector: Connector<unknown> | undefined,
	service: MessagingService,
	opened: OpenedService,
): string | null {
	const auth = connector?.inbound.auth;
	const isLocked = connector !== undefined && wantsHttpUser(connector, opened);
	if (auth?.kind === "none" && !isLocked) {
		return auth.because; // Whatever the mode: such a call has nothing to prove, and comes in.
	}
	return service.incomingMode === "enforce" ? null : leniencies[service.incomingMode];
}

/** As `gateway/refuse.ts` answers: only what is kept hears a yes, and nothing of it is let in. */
const leniencies = {
	observe:
		"Incoming mode is observe: a call that proves nothing is not let in, but the provider hears a yes and the call is kept in the quarantine while there is room. Set the mode to enforce once the provider's calls are proven.",
	warn: "Incoming mode is warn: a call that proves nothing is not let in, but the provider hears a yes, the call is kept in the quarantine while there is room, and an alarm is raised. Set the mode to enforce once the provider's calls are proven.",
} as const;

function standingNotes(service: MessagingService, opened: OpenedService, facts: ViewFacts): readonly string[] {
	const connector = connectorOf(service.type);
	const broken = opened.authentications.filter((entry) => entry.broken);
	return [
		...broken.map(({ authenticationId }) => brokenNote(authenticationId)),
		...addressNotes(service),
		...(connector === undefined ? [] : connectorNotes(connector, service, opened, facts)),
	];
}

function addressNotes({ serviceConnection, authenticationUrl }: MessagingService): readonly string[] {
	return [
		{ title: "Service Connection", text: serviceConnection },
		{ title: "Authentication URL", text: authenticationUrl ?? "" },
	]
		.filter(({ text }) => isUnencrypted(text))
		.map(({ title, text }) => {
			const scheme = text.slice(0, text.indexOf("://")).toLowerCase();
			return `${title} begins with ${scheme}://, so secrets and texts are sent without encryption.`;
		});
}

function connectorNotes(
	connector: Connector<unknown>,
	service: MessagingService,
	opened: OpenedService,
	facts: ViewFacts,
): readonly string[] {
	const { form } = connector.config;
	const isUnused = !form.usesAuthenticationUrl && (service.authenticationUrl ?? service.authenticationScope) !== null;
	return [
		...(isUnused ? ["Authentication URL and Authentication Scope are not used by this type."] : []),
		...missingProofs(form, opened),
		...httpUserNotes(connector, opened, facts),
	];
}

function httpUserNotes(connector: Connector<unknown>, opened: OpenedService, facts: ViewFacts): readonly string[] {
	const { inbound } = connector;
	if (wantsHttpUser(connector, opened)) {
		return facts.hasHttpUser ? [] : [noHttpUser("This service")];
	}
	if (!facts.useLocalHttpAuthentication) {
		const isSigned = opened.authentications.some(
			({ direction, secrets }) => direction === "incoming" && secrets.length > 0,
		);
		return inbound.auth.kind === "httpUser" && !isSigned
			? [
					"Use Local Http Authentication is off, so nothing proves this provider's calls and all of them are refused; switch it on in the SMS Server.",
				]
			: [];
	}
	return inbound.localHttpAuthentication === "required" && !facts.hasHttpUser ? [noHttpUser("The SMS Server")] : [];
}

function noHttpUser(who: string): string {
	return `${who} demands HTTP authentication, and no external user holds the right Use on this service, so the provider's calls are refused. Create an external user, give it Use, and enter its Logon Name and Password at the provider.`;
}
