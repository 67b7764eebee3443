// POST /messagingServiceTypes/{type}/preview: the request that a service would send, from what a form holds while somebody
// fills it in. Nothing is sent or stored, and no stored secret is opened: that one is there is all that is asked.

import { canPreview, type Draft, type Preview, previewOf, secretMask } from "#connectors/kit/preview.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import type { ServiceId } from "#domain/ids.ts";
import { Problem } from "#platform/problems.ts";
import type { MessagingService, ServiceFields } from "#storage/services.ts";
import { type Static, Type } from "typebox";
import { type Route, route, type RouteContext } from "../route.ts";
import { closed, idSchema, line } from "../schemas.ts";
import type { PlannedEntry } from "./entry-plan.ts";
import { publicBaseOf } from "./service-answers.ts";
import { planService, type Stored } from "./service-plan.ts";
import { draftFields, oneOf, textOrNull } from "./service-schemas.ts";
import { webhookUrl } from "./service-view.ts";
import { invalid, readService } from "./service-write.ts";

const objectType = "messagingService";
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const textMax = 10_000; // Characters; longer than any one part.

const previewBody = Type.Object(
	{
		...draftFields,
		service: Type.Optional({
			...idSchema,
			description: "The stored service that is being changed: its secrets count as there, for entries it has.",
		}),
		message: Type.Optional(
			Type.Object(
				{
					from: Type.Optional(line(400, "Absent: what the service chooses, or an example.")),
					to: Type.Optional(line(400, "Absent: an example.")),
					channel: Type.Optional(line(64)),
					text: Type.Optional(Type.String({ minLength: 1, maxLength: textMax, description: "Absent: an example." })),
				},
				{ ...closed, description: "The message that would be sent." },
			),
		),
	},
	closed,
);

const previewReply = Type.Object({
	method: Type.Union([oneOf(methods), Type.Null()], { description: "Null: `problems` says why there is no request." }),
	url: textOrNull(),
	headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
		description: "Those that the type sets; the others follow from the address and the body.",
	}),
	body: textOrNull({ description: "Null: the request has none." }),
	secretsShownAs: Type.String({ description: "Stands for every secret and whatever is made of one." }),
	notes: Type.Array(Type.String()),
	problems: Type.Array(
		Type.Object({
			pointer: Type.String({ description: "JSON pointer into the body of the call; empty: the whole." }),
			message: Type.String(),
		}),
	),
});

const params = Type.Object({ type: Type.String({ minLength: 1, maxLength: 64 }) }, closed);

export const previewRoute: Route = route({
	method: "POST",
	path: "/messagingServiceTypes/:type/preview",
	summary: "Shows the request that a service would send, without sending or storing anything.",
	description:
		"The body is the draft as a form holds it. Rules that are broken, such as a template that cannot be read, come back as `problems` with the field. Who names a stored service needs modify on it.",
	needs: { who: "holders", rights: [{ objectType, access: "create", or: "modify", on: "some" }] },
	params,
	body: previewBody,
	reply: previewReply,
	status: 200,
	run: async (ctx) => ({ status: 200, body: await shown(ctx) }),
});

type Ctx = RouteContext<Static<typeof params>, undefined, Static<typeof previewBody>>;
type Reply = Static<typeof previewReply>;

async function shown(ctx: Ctx): Promise<Reply> {
	const { deps, params: path, body } = ctx;
	const connector = connectorFor(path.type);
	const stored = await storedOf(ctx);
	const now = deps.clock.now();
	const plan = planService(connector, enteredOf(body), stored, now);
	if (!plan.ok) {
		return { ...nothing, problems: [...plan.problems] };
	}
	const id = stored?.service.id ?? ("0".repeat(32) as ServiceId);
	const url = webhookUrl(publicBaseOf(deps.settings), { type: path.type, id });
	const preview = await previewOf(
		connector,
		toDraft(id, plan.fields, plan.entries),
		{ ...body.message, webhookUrl: url },
		now,
	);
	const notes = [...plan.notes, ...missing(plan.entries), ...notesOf(preview)];
	const isNewShown = stored === undefined && JSON.stringify(preview).includes(id);
	const ofId = "The id of the service is not known yet; zeros stand for it.";
	return preview.ok
		? { ...nothing, ...requestOf(preview), notes: isNewShown ? [...notes, ofId] : notes }
		: { ...nothing, notes, problems: [{ pointer: preview.pointer, message: preview.message }] };
}

const nothing: Reply = {
	method: null,
	url: null,
	headers: [],
	body: null,
	secretsShownAs: secretMask,
	notes: [],
	problems: [],
};

type Shown = Extract<Preview, { ok: true }>;

function requestOf({ request }: Shown): Pick<Reply, "method" | "url" | "headers" | "body"> {
	return { ...request, headers: [...request.headers] };
}

function connectorFor(type: string) {
	const connector = connectorOf(type);
	if (connector === undefined) {
		throw new Problem("not_found", `There is no such service type; there are ${serviceTypes().join(", ")}.`);
	}
	if (!canPreview(connector)) {
		throw new Problem("conflict", `The type ${type} sends over a line, so there is no HTTP request to show.`);
	}
	return connector;
}

async function storedOf({ body, params: { type }, ...ctx }: Ctx): Promise<Stored | undefined> {
	if (body.service === undefined) {
		return undefined;
	}
	ctx.demand("modify", objectType, body.service);
	const service = await readService(ctx.deps.storage.db, body.service);
	if (service.type !== type) {
		throw invalid([
			{ pointer: "/service", message: `is of the type ${service.type}; ask for the preview of that type.` },
		]);
	}
	return { service, opened: unopened(service) };
}

function unopened(service: MessagingService): Stored["opened"] {
	const authentications = service.authentications.map(({ id, authenticationId, direction }) => ({
		id,
		authenticationId,
		direction,
		secrets: [],
		broken: false,
	}));
	return { ...service, authentications, secretsChangeAt: undefined };
}

function enteredOf(body: Ctx["body"]) {
	return {
		name: "preview", // No rule of a type is about the name.
		enabled: true,
		serviceConnection: body.serviceConnection ?? "",
		authenticationUrl: body.authenticationUrl ?? null,
		authenticationScope: body.authenticationScope ?? null,
		incomingMode: "enforce" as const,
		settings: body.settings === undefined ? {} : body.settings,
		authentications: body.authentications ?? [],
	};
}

function toDraft(id: ServiceId, fields: ServiceFields, entries: readonly PlannedEntry[]): Draft {
	const { serviceConnection, authenticationUrl, authenticationScope, settings } = fields;
	return {
		id,
		serviceConnection,
		authenticationUrl,
		authenticationScope,
		settings,
		authentications: entries.map((entry) => ({
			authenticationId: entry.authenticationId,
			isSet: isSet(entry),
			...(entry.secret.kind === "set" ? { entered: entry.secret.value } : {}),
		})),
	};
}

function isSet({ secret, before }: PlannedEntry): boolean {
	return secret.kind === "set" || (secret.kind === "keep" && (before?.secret ?? null) !== null);
}

function missing(entries: readonly PlannedEntry[]): readonly string[] {
	return entries
		.filter((entry) => entry.direction !== "incoming" && !isSet(entry))
		.map(
			({ authenticationId }) =>
				`No password is set for ${authenticationId}; the preview shows the request as if there were one.`,
		);
}

function notesOf(preview: Preview): readonly string[] {
	return preview.ok
		? [
				...(preview.needsToken ? ["The access token is fetched by a request of its own, before this one."] : []),
				...(preview.carriesText
					? []
					: ["This request comes first; the one with the text follows, and depends on its answer."]),
			]
		: [];
}
