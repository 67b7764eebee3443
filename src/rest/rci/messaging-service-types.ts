// /messagingServiceTypes: everything a form, a client or a person needs to know about a service type. Drawn from the
// connector's own form, so that there is nothing else to keep in step.

import { type AuthenticationRule, type Connector, type ConnectorForm, ownSettingsOf } from "#connectors/kit/rules.ts";
import { shownSettingsOf } from "#connectors/kit/settings-hints.ts";
import { canPreview } from "#connectors/kit/preview.ts";
import { callsOfType } from "#connectors/kit/webhook-calls.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { Problem } from "#platform/problems.ts";
import { type Static, Type } from "typebox";
import type { RestDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { publicBaseOf } from "./service-answers.ts";
import { previewRoute } from "./service-preview.ts";
import { webhookUrl } from "./service-view.ts";
import { webhookCallOfType } from "./webhook-schemas.ts";

const schema = Type.Object({}, { additionalProperties: true, description: "A JSON Schema." });
const nullable = Type.Unsafe<string | null>({ type: ["string", "null"] });
const texts = Type.Array(Type.String());

const idPart = Type.Object({
	key: Type.String(),
	label: Type.String(),
	example: Type.String(),
	pattern: Type.String(),
	transform: Type.Optional(Type.String({ description: "`upperCase`: put what is entered into capitals." })),
});

const authenticationReply = Type.Object({
	role: Type.String(),
	direction: Type.String({
		description: "Who proves themselves with it: we (outgoing), the provider (incoming), both.",
	}),
	idLabel: Type.String(),
	secretLabel: Type.String(),
	description: Type.String(),
	idShape: Type.String(),
	idExample: Type.String(),
	min: Type.Integer({ description: "Fewer: the service is a draft." }),
	max: Type.Integer(),
	enteredAtProvider: Type.Boolean({
		description: "A text of one's own choice that is entered at the provider too, such as a verify token.",
	}),
	idParts: Type.Unsafe<readonly Static<typeof idPart>[] | null>({
		type: ["array", "null"],
		items: idPart,
		description:
			"Fields that make the Authentication ID, joined by `joinedBy`; the last one divides. Null: it is one field.",
	}),
	joinedBy: nullable,
	schema,
});

const hints =
	"A JSON Schema; properties in the order of the form. Choices are `oneOf` with `const` and `title`. Hints: `x-group` (`basic`, `sending`, `receiving`, `advanced`), `x-showIf` (each setting named has one of the values), `x-multiline`, `x-template` (placeholders such as {{to}}), `x-unit`.";

const typeReply = Type.Object({
	type: Type.String(),
	label: Type.String(),
	summary: Type.String({ description: "One line for a card; `help` may be longer." }),
	channels: Type.Array(Type.String(), { description: "Those known by name; a provider may add others." }),
	experimental: Type.Boolean({ description: "Nobody has tried it against the provider." }),
	help: Type.String(),
	fields: Type.Object({
		serviceConnection: schema,
		authenticationUrl: Type.Unsafe<object | null>({ type: ["object", "null"], additionalProperties: true }),
		authenticationScope: Type.Unsafe<object | null>({ type: ["object", "null"], additionalProperties: true }),
		settings: { ...schema, description: hints },
	}),
	sampleAddresses: Type.Object(
		{ contact: Type.String(), ours: nullable, channel: nullable },
		{ description: "How addresses of this type look, for examples." },
	),
	ownSettings: Type.Array(Type.String(), { description: "The settings that only this type has." }),
	authentications: Type.Array(authenticationReply),
	capabilities: schema,
	hasPreview: Type.Boolean({ description: "Whether `/preview` can show the request that sends a message." }),
	webhook: Type.Object({
		urlPattern: Type.String(),
		steps: texts,
		calls: Type.Array(webhookCallOfType, {
			description: "What the provider calls us with. Empty: nothing comes by HTTP.",
		}),
	}),
	inboundProof: Type.String({
		description:
			"signature, httpUser, none; line: nothing comes by HTTP, and every call to the webhook URL is refused.",
	}),
	localHttpAuthentication: Type.String({ description: "required or exempt." }),
	openDoorBecause: nullable,
});

const base = "/messagingServiceTypes";

const list = route({
	method: "GET",
	path: base,
	summary: "Lists the service types with everything a form needs.",
	needs: { who: "signedIn" },
	reply: Type.Array(typeReply),
	status: 200,
	run: ({ deps }) =>
		Promise.resolve({
			status: 200,
			body: serviceTypes().flatMap((type) => {
				const connector = connectorOf(type);
				return connector === undefined ? [] : [toTypeView(connector, deps.settings)];
			}),
		}),
});

const read = route({
	method: "GET",
	path: `${base}/:type`,
	summary: "Gives one service type.",
	needs: { who: "signedIn" },
	params: Type.Object({ type: Type.String({ minLength: 1, maxLength: 64 }) }, { additionalProperties: false }),
	reply: typeReply,
	status: 200,
	run({ deps, params }) {
		const connector = connectorOf(params.type);
		if (connector === undefined) {
			throw new Problem("not_found", `There is no such service type; there are ${serviceTypes().join(", ")}.`);
		}
		return Promise.resolve({ status: 200, body: toTypeView(connector, deps.settings) });
	},
});

export function toTypeView(connector: Connector<unknown>, settings: RestDeps["settings"]) {
	const { type, capabilities, inbound } = connector;
	const { form } = connector.config;
	const urlPattern = webhookUrl(publicBaseOf(settings), { type, id: "{id}" });
	return {
		type,
		label: form.label,
		summary: form.card.summary,
		channels: form.card.channels,
		experimental: form.card.isExperimental === true,
		help: form.help,
		fields: toFields(form),
		sampleAddresses: { ours: null, channel: null, ...form.sampleAddresses },
		ownSettings: Object.keys(ownSettingsOf(form)),
		authentications: form.authentications.map(toAuthenticationView),
		capabilities,
		hasPreview: canPreview(connector),
		webhook: {
			urlPattern,
			steps: form.webhookSteps.map((step) => step.replaceAll("{webhookUrl}", urlPattern)),
			calls: callsOfType(connector, urlPattern),
		},
		inboundProof: connector.line === undefined ? inbound.auth.kind : "line",
		localHttpAuthentication: inbound.localHttpAuthentication,
		openDoorBecause: inbound.auth.kind === "none" ? inbound.auth.because : null,
	};
}

function toFields(form: ConnectorForm) {
	const { title, description, example, default: usual, schemes } = form.serviceConnection;
	const oauth = form.usesAuthenticationUrl;
	return {
		serviceConnection: {
			type: "string",
			format: "uri",
			title,
			description,
			examples: [example],
			...(usual === undefined ? {} : { default: usual }),
			...(schemes === undefined ? {} : { pattern: `^(?:${schemes.join("|")})://` }),
		},
		authenticationUrl: oauth
			? { type: "string", format: "uri", title: "Authentication URL", description: "Where tokens are fetched." }
			: null,
		authenticationScope: oauth
			? { type: "string", title: "Authentication Scope", description: "Scope asked for with a token." }
			: null,
		settings: shownSettingsOf(form),
	};
}

function toAuthenticationView(rule: AuthenticationRule) {
	const { idLabel, secretLabel, description, idShape, idExample } = rule;
	return {
		role: rule.role,
		direction: rule.direction,
		idLabel,
		secretLabel,
		description,
		idShape,
		idExample,
		min: rule.min,
		max: rule.max,
		enteredAtProvider: rule.isEnteredAtProvider === true,
		idParts: rule.idParts?.parts ?? null,
		joinedBy: rule.idParts?.joinedBy ?? null,
		schema: {
			type: "object",
			title: idLabel,
			description,
			properties: {
				authenticationId: {
					type: "string",
					title: idLabel,
					description: idShape,
					pattern: rule.idPattern,
					examples: [idExample],
				},
				password: { type: "string", title: secretLabel, format: "password", writeOnly: true },
			},
			required: ["authenticationId"],
		},
	};
}

export const messagingServiceTypeRoutes: readonly Route[] = [list, read, previewRoute];
