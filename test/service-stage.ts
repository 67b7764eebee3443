// What tests of messaging services by REST share: the stage with their routes, two typical services, and a look at what
// is really stored.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { messagingServiceRoutes } from "#rest/rci/messaging-services.ts";
import type { ServiceView } from "#rest/rci/service-view.ts";
import { openServices } from "#storage/service-secrets.ts";
import { type RciStage, openRciStage } from "./rci-stage.ts";

export const base = "/messagingServices";
export const page = "104857600000001";
export const account = `AC${"1".repeat(32)}`;

export function openServiceStage(t: Pick<TestContext, "after">): Promise<RciStage> {
	return openRciStage(t, messagingServiceRoutes);
}

export function facebook(changes: object = {}) {
	return {
		type: "facebook",
		name: "Shop page",
		authentications: [
			{ authenticationId: page, password: "canary-page-token" },
			{ authenticationId: "webhook", password: "canary-app-secret" },
			{ authenticationId: "verify", password: "canary-verify-token" },
		],
		...changes,
	};
}

export function twilio(changes: object = {}) {
	return {
		type: "twilio",
		name: "Twilio",
		serviceConnection: "https://api.twilio.com",
		authentications: [{ authenticationId: account, password: "first" }],
		...changes,
	};
}

export async function create(stage: RciStage, body: object = facebook()): Promise<ServiceView> {
	const answer = await stage.call<ServiceView>("POST", base, { body });
	assert.equal(answer.status, 201, answer.text);
	return answer.body;
}

export async function read(stage: RciStage, id: string): Promise<ServiceView> {
	return (await stage.call<ServiceView>("GET", `${base}/${id}`)).body;
}

/** The stored secrets in clear, by Authentication ID: the current one, then the previous one while it is valid. */
export async function secrets({ storage, deps, clock }: RciStage, id: string) {
	const services = await openServices(storage.db, deps.secretBox, clock.now());
	const entries = services.find((service) => service.id === id)?.authentications ?? [];
	return Object.fromEntries(
		entries.map((entry) => [entry.authenticationId, entry.broken ? ("broken" as const) : entry.secrets]),
	);
}

export async function audit({ storage }: RciStage) {
	const rows = await storage.db.selectFrom("audit_log").selectAll().orderBy("seq").execute();
	return rows.map((row) => ({
		action: row.action,
		name: row.object_name,
		changes: JSON.parse(row.changes) as Record<string, { before?: unknown; after?: unknown }>,
	}));
}
