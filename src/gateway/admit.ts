// The door: may this request come in at all? HTTP user first where local HTTP authentication is on, then the provider's
// own proof over the raw bytes. The only place where a request becomes a verified one.

import type { RawRequest, VerifiedRequest } from "#connectors/contract.ts";
import type { Identity } from "#identity/identity.ts";
import type { OpenService } from "./open-service.ts";

export type RefusalReason =
	| "http_credentials_missing"
	| "http_credentials_wrong"
	| "logon_throttled"
	| "no_right_to_use"
	| "signature_missing"
	| "signature_mismatch"
	| "clock_skew"
	| "key_unknown"
	| "secrets_locked"
	| "no_lock"
	| "foreign_account"
	| "replay";

export type ShutDoor = {
	open: false;
	/** What the provider is told in the mode `enforce`. */
	status: 401 | 403 | 503;
	reason: RefusalReason;
	/** For `WWW-Authenticate`, so that a caller who waits for the challenge comes again with credentials. */
	challenge?: string;
};
export type Door = { open: true; request: VerifiedRequest; nonce: string | undefined } | ShutDoor;

export type AdmitDeps = {
	now(): Date;
	/** The SMS Server's variable *Use Local Http Authentication*. */
	usesLocalHttpAuthentication(): boolean;
	identity: Pick<Identity, "checkHttpUser">;
};

/** @param address of the peer, for the throttle of failed logons */
export async function admit(raw: RawRequest, service: OpenService, address: string, deps: AdmitDeps): Promise<Door> {
	if (service.isLocked) {
		return { open: false, status: 503, reason: "secrets_locked" };
	}
	const isProvenByAddress = service.isProvenByAddress(raw);
	const needsHttpUser = !isProvenByAddress && demandsHttpUser(raw, service, deps);
	if (needsHttpUser) {
		const shut = await refusalOfHttpUser(raw, { serviceId: service.id, address }, deps);
		if (shut !== undefined) {
			return shut;
		}
	}
	const verdict = service.verify(raw, deps.now());
	if (verdict === undefined && !needsHttpUser && !isProvenByAddress) {
		// The HTTP user is this service's only lock; without it the door would stand open.
		return { open: false, status: 403, reason: "no_lock" };
	}
	return verdict === undefined || verdict.ok
		? { open: true, request: raw as VerifiedRequest, nonce: verdict?.nonce }
		: refusalOf(verdict.why);
}

function demandsHttpUser(raw: RawRequest, service: OpenService, deps: AdmitDeps): boolean {
	const isDemandedOfAll = service.localHttpAuthentication === "required" && deps.usesLocalHttpAuthentication();
	return service.wantsHttpUser || (isDemandedOfAll && !service.isOwnCallback(raw));
}

function refusalOf(why: "missing" | "mismatch" | "stale" | "unready"): ShutDoor {
	switch (why) {
		case "missing":
			return { open: false, status: 401, reason: "signature_missing" };
		case "mismatch":
			return { open: false, status: 401, reason: "signature_mismatch" };
		case "stale":
			// Genuine but late: if OUR clock is wrong, a 4xx would make the provider drop the message for good.
			return { open: false, status: 503, reason: "clock_skew" };
		case "unready":
			return { open: false, status: 503, reason: "key_unknown" };
	}
}

async function refusalOfHttpUser(
	raw: RawRequest,
	asked: { serviceId: string; address: string },
	deps: AdmitDeps,
): Promise<ShutDoor | undefined> {
	const authorization = raw.headers.get("authorization") ?? undefined;
	const verdict = await deps.identity.checkHttpUser(authorization, asked);
	if (verdict.ok) {
		return undefined;
	}
	if (verdict.status === 403) {
		return { open: false, status: 403, reason: "no_right_to_use" };
	}
	if (verdict.status === 503) {
		return { open: false, status: 503, reason: "logon_throttled" };
	}
	const reason = authorization === undefined ? "http_credentials_missing" : "http_credentials_wrong";
	return { open: false, status: 401, reason, challenge: verdict.challenge };
}
