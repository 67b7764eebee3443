// The body of the call that asks for a preview: a half-filled draft without what the server would not read. Pure.

import type { RciPostMessagingServiceTypesTypePreviewBody } from "#web/api/rci.ts";
import type { ServiceDraft } from "./draft.ts";

type Message = { to: string; text: string };

export function toPreviewBody(
	draft: ServiceDraft,
	{ to, text }: Message,
	serviceId: string | undefined,
): RciPostMessagingServiceTypesTypePreviewBody {
	const { serviceConnection, authenticationUrl, authenticationScope, settings } = draft;
	return {
		serviceConnection,
		authenticationUrl: authenticationUrl === "" ? null : authenticationUrl,
		authenticationScope: authenticationScope === "" ? null : authenticationScope,
		settings,
		authentications: draft.authentications
			.filter(({ authenticationId }) => authenticationId !== "")
			.map(({ id, authenticationId, password = "" }) => ({
				authenticationId,
				// Entries are known of a stored service only.
				...(id === undefined || serviceId === undefined ? {} : { id }),
				...(password === "" ? {} : { password }),
			})),
		...(serviceId === undefined ? {} : { service: serviceId }),
		message: { ...(to.trim() === "" ? {} : { to: to.trim() }), ...(text === "" ? {} : { text }) },
	};
}

/** What is stored, as a form would hold it before anything is typed. */
export function storedDraft(
	service: Omit<ServiceDraft, "authentications"> & {
		authentications: readonly { id: string; authenticationId: string }[];
	},
): ServiceDraft {
	const { name, serviceConnection, authenticationUrl, authenticationScope, settings, authentications } = service;
	return {
		name,
		serviceConnection,
		authenticationUrl,
		authenticationScope,
		settings,
		authentications: authentications.map(({ id, authenticationId }) => ({ id, authenticationId })),
	};
}
