// A messaging service as programs see it: what a PUT takes, and the calls that make it so. Never with a secret. Pure.

import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { type FormDraft, patchOf } from "./draft.ts";
import { shellWord } from "./shell-word.ts";

type Written = Readonly<Record<string, unknown>>;

export function writtenOf(service: MessagingService): Written {
	const { type, name, enabled, serviceConnection, authenticationUrl, authenticationScope, incomingMode } = service;
	return {
		type,
		name,
		enabled,
		serviceConnection,
		...(authenticationUrl === null ? {} : { authenticationUrl }),
		...(authenticationScope === null ? {} : { authenticationScope }),
		incomingMode,
		settings: service.settings,
		authentications: service.authentications.map(({ authenticationId }) => ({ authenticationId })),
	};
}

/** What is not saved yet; where there is nothing, the name stands for an example. */
export function patchShown(
	type: ServiceType,
	draft: FormDraft,
	service: MessagingService,
): { patch: Written; isOwn: boolean } {
	const { authentications, ...others } = patchOf(type, draft, service);
	const entries = authentications?.map(({ id, authenticationId }) => ({
		...(id === undefined ? {} : { id }),
		authenticationId,
	}));
	const patch: Written = { ...others, ...(entries === undefined ? {} : { authentications: entries }) };
	const isOwn = Object.keys(patch).length > 0;
	return { patch: isOwn ? patch : { name: service.name }, isOwn };
}

type CurlInput = { method: "PUT" | "PATCH"; url: string; etag: string | null; body: Written };

export function curlOf({ method, url, etag, body }: CurlInput): string {
	const lines = [
		`curl -X ${method} ${shellWord(url)}`,
		"-H 'Authorization: Bearer <token>'",
		`-H 'Content-Type: application/json'`,
		...(etag === null ? [] : [`-H ${shellWord(`If-Match: ${etag}`)}`]),
		`--data ${shellWord(JSON.stringify(body, null, 2))}`,
	];
	return lines.join(" \\\n  ");
}
