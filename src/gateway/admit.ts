// The door: may this request come in at all? HTTP user first where local HTTP authentication is on, then the provider's
// own proof over the raw bytes. The only place where a request becomes a verified one.

import type { RawRequest, VerifiedRequest } from "#connectors/contract.ts";
import type { OpenService } from "./open-service.ts";

export type RefusalReason =
	| "http_credentials_missing"
	| "http_credentials_wrong"
	| "no_right_to_use"
	| "signature_missing"
	| "signature_mismatch"
	| "clock_skew"
	| "secrets_locked"
	| "no_lock"
	| "foreign_account"
	| "replay"
	| "busy";

export type ShutDoor = {
	open: false;
	/** What the provider is told in the mode `enforce`. */
	status: 401 | 403 | 503;
	reason: RefusalReason;
	/** Answer 401 with `WWW-Authenticate`, so that a caller who waits for the challenge comes again with credentials. */
	challenge?: true;
};
export type Door = { open: true; request: VerifiedRequest; nonce: string | undefined } | ShutDoor;

/** The answer of the check of an HTTP user; made by `identity/`. */
export type HttpUserVerdict = { ok: true } | { ok: false; why: "missing" | "wrong" | "no right" | "busy" };

export type AdmitDeps = {
	now(): Date;
	/** The SMS Server's variable *Use Local Http Authentication*. */
	usesLocalHttpAuthentication(): boolean;
	checkHttpUser(authorization: string | null, serviceId: string): Promise<HttpUserVerdict>;
};

export async function admit(raw: RawRequest, service: OpenService, deps: AdmitDeps): Promise<Door> {
	if (service.isLocked) {
		return { open: false, status: 503, reason: "secrets_locked" };
	}
	const needsHttpUser = service.localHttpAuthentication === "required" && deps.usesLocalHttpAuthentication();
	if (!needsHttpUser && service.authKind === "httpUser") {
		// The HTTP user is this type's only lock; without it the door would stand open.
		return { open: false, status: 403, reason: "no_lock" };
	}
	if (needsHttpUser) {
		const shut = refusalOfHttpUser(await deps.checkHttpUser(raw.headers.get("authorization"), service.id));
		if (shut !== undefined) {
			return shut;
		}
	}
	const verdict = service.verify(raw, deps.now());
	if (verdict.ok) {
		return { open: true, request: raw as VerifiedRequest, nonce: verdict.nonce };
	}
	switch (verdict.why) {
		case "missing":
			return { open: false, status: 401, reason: "signature_missing" };
		case "mismatch":
			return { open: false, status: 401, reason: "signature_mismatch" };
		case "stale":
			// Genuine but late: if OUR clock is wrong, a 4xx would make the provider drop the message for good.
			return { open: false, status: 503, reason: "clock_skew" };
	}
}

function refusalOfHttpUser(verdict: HttpUserVerdict): ShutDoor | undefined {
	if (verdict.ok) {
		return undefined;
	}
	switch (verdict.why) {
		case "missing":
			return { open: false, status: 401, reason: "http_credentials_missing", challenge: true };
		case "wrong":
			return { open: false, status: 401, reason: "http_credentials_wrong", challenge: true };
		case "no right":
			return { open: false, status: 403, reason: "no_right_to_use" };
		case "busy":
			return { open: false, status: 503, reason: "busy" };
	}
}
