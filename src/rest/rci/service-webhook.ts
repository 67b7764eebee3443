// GET /messagingServices/{id}/webhook: everything to enter at the provider, and what came of it so far.

import { ruleFor, wantsHttpUser } from "#connectors/kit/rules.ts";
import { connectorOf } from "#connectors/registry.ts";
import { usersHolding } from "#storage/grants.ts";
import { smsServerVariables } from "#storage/installation.ts";
import { openService } from "#storage/service-secrets.ts";
import { callsOf } from "#storage/vitals.ts";
import { Type } from "typebox";
import { idSchema, timestamp } from "../schemas.ts";
import { type Route, route } from "../route.ts";
import { explainRefusal } from "../cmi/refusals.ts";
import { publicBaseOf } from "./service-answers.ts";
import { oneOf, serviceParams, textOrNull } from "./service-schemas.ts";
import { webhookUrl } from "./service-view.ts";
import { readService } from "./service-write.ts";

const callsShown = 20;

const webhookReply = Type.Object({
	url: Type.String({ description: "To be entered at the provider." }),
	allUrl: Type.String({ description: "For providers that take one address for several services of the type." }),
	steps: Type.Array(Type.String(), { description: "What to do at the provider, in order." }),
	proof: oneOf(["signature", "httpUser", "none"] as const, { description: "How the provider proves its calls." }),
	secretEntries: Type.Array(
		Type.Object({
			authenticationId: Type.String(),
			label: Type.String({ description: "As the provider prints it." }),
			passwordSet: Type.Boolean(),
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
		}),
		{ description: "The newest first; of busy services a sample." },
	),
});

const saysOfHandshake = "The verify token is not the one of this service; enter the same at the provider and here.";

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
		const form = connector?.config.form;
		const opened = openService(service, ctx.deps.secretBox, ctx.deps.clock.now());
		const isDemandedOfType = useLocalHttpAuthentication && connector?.inbound.localHttpAuthentication === "required";
		return {
			status: 200,
			body: {
				url,
				allUrl: url.replace(/[^/]+$/, "all"),
				steps: form?.webhookSteps.map((step) => step.replaceAll("{webhookUrl}", url)) ?? [],
				proof: connector?.inbound.auth.kind ?? "none",
				secretEntries: service.authentications
					.filter(({ direction }) => direction !== "outgoing")
					.map(({ authenticationId, secret }) => ({
						authenticationId,
						label: (form && ruleFor(form, authenticationId)?.secretLabel) ?? "",
						passwordSet: secret !== null,
					})),
				httpUser: {
					needed: isDemandedOfType || (connector !== undefined && wantsHttpUser(connector, opened)),
					users: holders.filter(({ externalUser }) => externalUser).map(({ id, login }) => ({ id, login })),
				},
				lastCalls: calls.map(({ at, kind, status, reason, remoteAddress }) => ({
					at: at.toISOString(),
					kind,
					status,
					reason,
					says: reason === null ? null : kind === "handshake" ? saysOfHandshake : explainRefusal(reason),
					remoteAddress,
				})),
			},
		};
	},
});
