// What a provider calls us with, for who shows it: of a service what counts for its settings and secrets, of a type
// everything, with what it depends on. Pure.

import type { Connector, ConnectorForm, StoredService, WebhookCall, WebhookHeader } from "../contract.ts";
import { asText } from "./http.ts";
import { ruleFor } from "./rules.ts";
import { filledSettings, ownSettingsOf } from "./settings-schema.ts";

export type ShownCall = Required<Pick<WebhookCall, "purpose" | "method" | "alsoTaken" | "url" | "namedBy">> & {
	otherProof: string | null;
	proposed: string | null;
};
export type ShownHeader = Pick<WebhookHeader, "name" | "value">;
export type CallOfService = ShownCall & { headers: readonly ShownHeader[] };

/** `onlyIf`: when it is demanded, in words; null: always. */
export type HeaderOfType = ShownHeader & { onlyIf: string | null };
/** Every setting of `when` has to have one of its values. */
export type CallOfType = ShownCall & {
	headers: readonly HeaderOfType[];
	when: readonly { setting: string; title: string; is: readonly (string | boolean)[] }[];
};

const httpUserHeader: ShownHeader = { name: "Authorization", value: "Basic, with the external user of this service" };

/** @param needsHttpUser whether calls of this service have to come with an HTTP user, unless they prove themselves */
export function callsOfService(
	connector: Connector<unknown>,
	service: StoredService,
	{ webhookUrl, needsHttpUser }: { webhookUrl: string; needsHttpUser: boolean },
): readonly CallOfService[] {
	const { form } = connector.config;
	const set = service.authentications.filter(({ secrets }) => secrets.length > 0);
	const rules = set.map(({ authenticationId }) => ruleFor(form, authenticationId));
	const isAbleToProve = rules.some((rule) => rule !== undefined && rule.direction !== "incoming");
	return callsThatCount(form, service.settings).map((call) => {
		const signed = call.headers.filter(
			({ onlyWith }) => onlyWith === undefined || rules.some((rule) => rule?.role === onlyWith),
		);
		const isLockedByUser = needsHttpUser && !provesItself(connector, call, isAbleToProve);
		return {
			...shown(call, webhookUrl),
			headers: [...signed.map(({ name, value }) => ({ name, value })), ...(isLockedByUser ? [httpUserHeader] : [])],
		};
	});
}

/** The calls that come to a service with these settings, as stored. */
export function callsThatCount(form: ConnectorForm, stored: StoredService["settings"]): readonly WebhookCall[] {
	const settings = filledSettings(form, stored);
	return form.webhookCalls.filter(({ when = {} }) =>
		Object.entries(when).every(([name, values]) => values.some((value) => value === settings[name])),
	);
}

export function callsOfType(connector: Connector<unknown>, webhookUrl: string): readonly CallOfType[] {
	const { form } = connector.config;
	const userOnlyIf = whenHttpUserIsNeeded(connector);
	return form.webhookCalls.map((call) => ({
		...shown(call, webhookUrl),
		headers: [
			...call.headers.map(({ name, value, onlyWith }) => ({ name, value, onlyIf: secretIsSet(form, onlyWith) })),
			...(userOnlyIf === undefined || provesItself(connector, call, true)
				? []
				: [{ ...httpUserHeader, onlyIf: userOnlyIf }]),
		],
		when: Object.entries(call.when ?? {}).map(([setting, is]) => ({
			setting,
			title: asText(ownSettingsOf(form)[setting]?.["title"]) ?? setting,
			is,
		})),
	}));
}

function shown(call: WebhookCall, webhookUrl: string): ShownCall {
	const { purpose, method, alsoTaken = [], url, namedBy, otherProof = null, proposed = null } = call;
	return { purpose, method, alsoTaken, url: url.replaceAll("{webhookUrl}", webhookUrl), namedBy, otherProof, proposed };
}

/**
 * An address that a message names holds our proof, or is let in on its signature alone: no HTTP user is demanded there.
 * @param isAbleToProve whether there is a secret to make such a proof with
 */
function provesItself({ inbound }: Connector<unknown>, { namedBy }: WebhookCall, isAbleToProve: boolean): boolean {
	const isProvenByAddress =
		isAbleToProve && inbound.auth.kind === "httpUser" && inbound.auth.isProvenByAddress !== undefined;
	return namedBy === "message" && (isProvenByAddress || inbound.isOwnCallback !== undefined);
}

function whenHttpUserIsNeeded({ inbound }: Connector<unknown>): string | undefined {
	if (inbound.auth.kind === "none" && inbound.auth.wantsHttpUser !== undefined) {
		return "the service demands an HTTP user";
	}
	return inbound.localHttpAuthentication === "required" ? "Use Local Http Authentication is on" : undefined;
}

function secretIsSet(form: ConnectorForm, role: string | undefined): string | null {
	const rule = form.authentications.find((one) => one.role === role);
	return rule === undefined ? null : `the ${rule.secretLabel} is set`;
}
