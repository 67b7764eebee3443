// A plain no: counted, noted, and — where the request may be genuine — sealed in the bounded quarantine until a person has
// mended the secret. In the modes observe and warn the provider hears a yes, so that nothing is lost while a lock is new.

import { createHash } from "node:crypto";
import type { RawRequest } from "#connectors/contract.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import type { GroupCommit } from "#storage/group-commit.ts";
import type { RefusedRequest } from "#storage/quarantine.ts";
import { sealRequest } from "#storage/sealed-requests.ts";
import type { SecurityEvent } from "#storage/security-events.ts";
import type { RefusalReason, ShutDoor } from "./admit.ts";
import type { OpenService } from "./open-service.ts";
import type { Caller, GatewayReply } from "./receive.ts";
import type { Vitals } from "./vitals.ts";

export type SecurityNote = Omit<SecurityEvent, "id" | "at">;

export type RefuseDeps = {
	clock: Clock;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	vitals: Vitals;
	box(): SecretBox;
	/** Resolves with whether there was room. */
	quarantine: GroupCommit<RefusedRequest, boolean>;
	securityEvents: GroupCommit<SecurityNote, void>;
};

export type Knock = { raw: RawRequest; service: OpenService; caller: Caller };

const retryAfterSeconds = "10";

export async function refuse(door: ShutDoor, knock: Knock, deps: RefuseDeps): Promise<GatewayReply> {
	const { service, caller } = knock;
	deps.metrics.refused(service.type, door.reason);
	deps.vitals.refused(service.id, door.reason, service.incomingMode);
	const isWorth = !isOurTrouble(door) && isWorthKeeping(door.reason, service);
	const quarantineId = isWorth ? await seal(door.reason, knock, deps) : undefined;
	const answer = await refusalOf(door, { ...knock, isKept: quarantineId !== undefined }, deps);
	deps.vitals.answered(service.id, {
		kind: "call",
		status: answer.status,
		reason: door.reason,
		remoteAddress: caller.address,
		mode: service.incomingMode,
		quarantineId: quarantineId ?? null,
	});
	return answer;
}

async function refusalOf(
	door: ShutDoor,
	{ service, caller, isKept }: Omit<Knock, "raw"> & { isKept: boolean },
	deps: RefuseDeps,
): Promise<GatewayReply> {
	if (isOurTrouble(door)) {
		return { status: 503, headers: { "retry-after": retryAfterSeconds } };
	}
	await deps.securityEvents.add({
		kind: door.reason === "foreign_account" || door.reason === "replay" ? door.reason : "refused",
		serviceId: service.id,
		address: caller.address,
		detail: door.reason,
	});
	if (service.incomingMode !== "enforce" && door.reason !== "replay" && door.reason !== "foreign_account") {
		deps.metrics.alarm("incoming_authentication", service.incomingMode === "warn");
		// Only what is kept may be acknowledged.
		return isKept ? service.ack([]) : { status: 503, headers: { "retry-after": retryAfterSeconds } };
	}
	return {
		status: door.status,
		headers: door.challenge === undefined ? {} : { "www-authenticate": door.challenge },
	};
}

/** Nothing is wrong with the request as far as we can tell: the provider shall come again. */
function isOurTrouble(door: ShutDoor): boolean {
	return door.status === 503;
}

/**
 * A request without any proof is noise while the lock is enforced (Twilio's first, unauthenticated try is one); a wrong
 * proof may be a secret that was typed wrongly.
 */
function isWorthKeeping(reason: RefusalReason, service: OpenService): boolean {
	const hasNoProof = reason === "http_credentials_missing" || reason === "signature_missing";
	return reason !== "replay" && (!hasNoProof || service.incomingMode !== "enforce");
}

/** Keeps the whole request, readable only through the secret box, under an id. Undefined: the quarantine is full. */
export async function seal(
	reason: RefusalReason,
	{ raw, service, caller }: Knock,
	deps: RefuseDeps,
): Promise<string | undefined> {
	const id: string = deps.ids.next();
	const sealed = sealRequest(deps.box(), id, { ...raw, headers: [...raw.headers] });
	const kept = await deps.quarantine.add({
		id,
		serviceId: service.id,
		receivedAt: deps.clock.now(),
		reason,
		sealed,
		bytes: sealed.length,
		bodyHash: createHash("sha256").update(raw.body).digest("hex"),
		remoteAddress: caller.address,
	});
	deps.metrics.alarm("quarantine_full", !kept);
	if (kept) {
		deps.metrics.quarantined(service.type);
	} else {
		deps.log.warn("The quarantine of a messaging service is full; a refused request was not kept.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
		});
	}
	return kept ? id : undefined;
}
