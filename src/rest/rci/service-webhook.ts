// GET /messagingServices/{id}/webhook: everything to enter at the provider, and what came of it so far.

import { type Connector, hasNoLock, ruleFor, type StoredService, wantsHttpUser } from "#connectors/kit/rules.ts";
import { callsOfService } from "#connectors/kit/webhook-calls.ts";
import { connectorOf } from "#connectors/registry.ts";
import { usersHolding } from "#storage/grants.ts";
import { smsServerVariables } from "#storage/installation.ts";
import { openService } from "#storage/service-secrets.ts";
import type { MessagingService } from "#storage/services.ts";
import { callsOf } from "#storage/vitals.ts";
import { Type } from "typebox";
import { idSchema, timestamp } from "../schemas.ts";
import { type Route, route } from "../route.ts";
import { explainRefusal } from "../cmi/refusals.ts";
import { publicBaseOf } from "./service-answers.ts";
import { incomingModes, oneOf, serviceParams, textOrNull } from "./service-schemas.ts";
import { webhookUrl } from "./service-view.ts";
import { webhookCall } from "./webhook-schemas.ts";
import { readService } from "./service-write.ts";

const callsShown = 20;

const webhookReply = Type.Object({
	url: Type.String({
		description: "The address of this service; `calls` has it as it is entered, with what belongs to it.",
	}),
	allUrl: Type.String({ description: "For providers that take one address for several services of the type." }),
	steps: Type.Array(Type.String(), { description: "What to do at the provider, in order." }),
	calls: Type.Array(webhookCall, {
		description:
			"What the provider calls us with, as far as it counts for the settings of this service. Empty: nothing comes by HTTP.",
	}),
	proof: oneOf(["signature", "httpUser", "none"] as const, { description: "How the provider proves its calls." }),
	shutBecause: textOrNull({
		description:
			"Why every call is refused as things are, but for one that holds a proof in its address; null: it is not.",
	}),
	secretEntries: Type.Array(
		Type.Object({
			authenticationId: Type.String(),
			label: Type.String({ description: "As the provider prints it." }),
			enteredAtProvider: Type.Boolean({
				description:
					"A text of your choice that is entered at the provider under that label too, such as a verify token. Such an entry is listed even before it is made.",
			}),
			passwordSet: Type.Boolean(),
			changedAt: textOrNull({ description: "Since when it is that one. RFC 3339, UTC." }),
		}),
		{ description: "Entries whose password the provider must have too; it is never shown again." },
	),
	httpUser: Type.Object({
		needed: Type.Boolean({
			description:
				"Use Local Http Authentication is on and counts for this type, or this service demands it by itself.",
		}),
		users: Type.Array(Type.Object({ id: idSchema, login: Type.String() }), {
			description: "External users that hold Use on this service.",
		}),
	}),
	lastCalls: Type.Array(
		Type.Object({
			at: timestamp,
			kind: oneOf(["handshake", "call"] as const, { description: "`handshake`: the provider's question at set-up." }),
			status: Type.Integer({ description: "What we answered." }),
			reason: textOrNull({ description: "Why it was refused, as a code; null: it was not." }),
			says: textOrNull({ description: "The same in a sentence." }),
			remoteAddress: textOrNull(),
			mode: Type.Union([oneOf(incomingModes), Type.Null()], {
				description: "The Incoming mode it was judged under; null: a question at set-up is not.",
			}),
			quarantined: Type.Union([idSchema, Type.Null()], {
				description:
					"The entry of the quarantine (CMI) that keeps it, or what in it is about other accounts; null: it was not kept, or was released or deleted since.",
			}),
		}),
		{ description: "The newest first; of busy services a sample." },
	),
});

export const webhookRoute: Route = route({
	method: "GET",
	path: "/messagingServices/:id/webhook",
	summary: "Gives what to enter at the provider, and the provider's last calls.",
	needs: { who: "holders", rights: [{ objectType: "messagingService", access: "modify", on: { param: "id" } }] },
	params: serviceParams,
	reply: webhookReply,
	status: 200,
	async run(ctx) {
		const { storage, settings } = ctx.deps;
		const service = await readService(storage.db, ctx.params.id);
		const connector = connectorOf(service.type);
		const url = webhookUrl(publicBaseOf(settings), service);
		const { useLocalHttpAuthentication } = await smsServerVariables(storage.db, settings);
		const holders = await usersHolding(storage.db, {
			objectType: "messagingService",
			access: "use",
			objectId: service.id,
		});
		const calls = await callsOf(storage.db, service.id, callsShown);
		const opened = openService(service, ctx.deps.secretBox, ctx.deps.clock.now());
		const { isHttpUserNeeded, ...door } = doorOf(connector, opened, { url, useLocalHttpAuthentication });
		return {
			status: 200,
			body: {
				url,
				allUrl: url.replace(/[^/]+$/, "all"),
				...door,
				secretEntries: secretEntries(service, connector),
				httpUser: {
					needed: isHttpUserNeeded,
					users: holders.filter(({ externalUser }) => externalUser).map(({ id, login }) => ({ id, login })),
				},
				lastCalls: calls.map(({ at, kind, status, reason, remoteAddress, mode, quarantineId }) => ({
					at: at.toISOString(),
					kind,
					status,
					reason,
					says: reason === null ? null : explainRefusal(reason),
					remoteAddress,
					mode,
					quarantined: quarantineId,
				})),
			},
		};
	},
});

type Around = { url: string; useLocalHttpAuthentication: boolean };

/** What gets in, and how. Nothing does of a type that this Parley does not know any more. */
function doorOf(
	connector: Connector<unknown> | undefined,
	opened: StoredService,
	{ url, useLocalHttpAuthentication }: Around,
) {
	if (connector === undefined) {
		return { steps: [], calls: [], proof: "none", shutBecause: null, isHttpUserNeeded: false } as const;
	}
	const { config, inbound } = connector;
	const isDemandedOfType = useLocalHttpAuthentication && inbound.localHttpAuthentication === "required";
	const isHttpUserNeeded = isDemandedOfType || wantsHttpUser(connector, opened);
	return {
		steps: config.form.webhookSteps.map((step) => step.replaceAll("{webhookUrl}", url)),
		calls: callsOfService(connector, opened, { webhookUrl: url, needsHttpUser: isHttpUserNeeded }),
		proof: inbound.auth.kind,
		shutBecause: !isHttpUserNeeded && hasNoLock(connector, opened) ? explainRefusal("no_lock") : null,
		isHttpUserNeeded,
	};
}

function secretEntries({ authentications }: MessagingService, connector: Connector<unknown> | undefined) {
	const form = connector?.config.form;
	const entries = authentications
		.filter(({ direction }) => direction !== "outgoing")
		.map(({ authenticationId, secret, changedAt }) => {
			const rule = form && ruleFor(form, authenticationId);
			return {
				authenticationId,
				label: rule?.secretLabel ?? "",
				enteredAtProvider: rule?.isEnteredAtProvider === true,
				passwordSet: secret !== null,
				changedAt: changedAt?.toISOString() ?? null,
			};
		});
	const missing = (form?.authentications ?? [])
		.filter(({ isEnteredAtProvider }) => isEnteredAtProvider === true)
		.filter(({ idExample }) => !entries.some(({ authenticationId }) => authenticationId === idExample))
		.map(({ idExample, secretLabel }) => ({
			authenticationId: idExample,
			label: secretLabel,
			enteredAtProvider: true,
			passwordSet: false,
			changedAt: null,
		}));
	return [...entries, ...missing];
}
