// GET /messagingServices/{id}/dependents: what would be lost or left over, for who is about to delete a service.

import { dependentsOf } from "#storage/service-dependents.ts";
import { Type } from "typebox";
import { type Route, route } from "../route.ts";
import { closed } from "../schemas.ts";
import { serviceParams } from "./service-schemas.ts";
import { readService } from "./service-write.ts";

const count = (description: string) => Type.Integer({ minimum: 0, description });

const dependentsReply = Type.Object(
	{
		waitingParts: count("Parts that wait to be sent, are being sent or are held: they fail."),
		unfinishedEvents: count("Received events that are not matched yet."),
		openConversations: count("Conversations that could not go on."),
		parked: count("Received events that wait for a person."),
		quarantined: count("Refused requests that could no longer be released."),
		grants: count("Users, user groups and roles that have a right on this very service: they lose it."),
	},
	closed,
);

export const dependentsRoute: Route = route({
	method: "GET",
	path: "/messagingServices/:id/dependents",
	summary: "Counts what depends on a messaging service.",
	description:
		"DELETE is refused while `waitingParts` is not 0, unless it is forced; the rest never stands in its way.",
	needs: { who: "holders", rights: [{ objectType: "messagingService", access: "view", on: { param: "id" } }] },
	params: serviceParams,
	reply: dependentsReply,
	status: 200,
	async run(ctx) {
		const { db } = ctx.deps.storage;
		const { id } = await readService(db, ctx.params.id);
		return { status: 200, body: await dependentsOf(db, id) };
	},
});
