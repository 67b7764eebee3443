// What queues, prompts, calendars, schedules, ad-hoc schedules and reply templates are called at the interface: they are
// listed, made, changed and deleted alike.

import type { ObjectType } from "#domain/rights.ts";
import {
	rciDeleteAdHocSchedulesId,
	rciDeleteCalendarsId,
	rciDeletePromptsId,
	rciDeleteQueuesId,
	rciDeleteReplyTemplatesId,
	rciDeleteSchedulesId,
	rciGetAdHocSchedules,
	rciGetAdHocSchedulesId,
	rciGetCalendars,
	rciGetCalendarsId,
	rciGetPrompts,
	rciGetPromptsId,
	rciGetQueues,
	rciGetQueuesId,
	rciGetReplyTemplates,
	rciGetReplyTemplatesId,
	rciGetSchedules,
	rciGetSchedulesId,
	rciPatchAdHocSchedulesId,
	rciPatchCalendarsId,
	rciPatchPromptsId,
	rciPatchQueuesId,
	rciPatchReplyTemplatesId,
	rciPatchSchedulesId,
	rciPostAdHocSchedules,
	rciPostCalendars,
	rciPostPrompts,
	rciPostQueues,
	rciPostReplyTemplates,
	rciPostSchedules,
} from "#web/api/rci.ts";
import type { Values } from "#web/ui/form/schema.ts";

export const chatKinds = ["queues", "prompts", "calendars", "schedules", "adHocSchedules", "replyTemplates"] as const;
export type ChatKind = (typeof chatKinds)[number];

/** As far as the screens read it whatever its kind. */
export type ChatObject = Values & { id: string; allowed: string[]; updatedAt: string };

type Options = RequestInit;
type Reply<T> = Promise<{ data: T; headers: Headers }>;
type Calls = {
	objectType: ObjectType;
	list(page: { limit: number; offset: number }, options: Options): Promise<{ data: ChatObject[] }>;
	get(id: string, options: Options): Reply<ChatObject>;
	post(body: Values, options: Options): Reply<{ id: string }>;
	patch(id: string, changed: Values, options: Options): Promise<unknown>;
	remove(id: string, options: Options): Promise<unknown>;
};

// A form holds the values of whichever kind; whether they fit is the server's judgement.
export const chatCalls: Readonly<Record<ChatKind, Calls>> = {
	queues: {
		objectType: "queue",
		list: rciGetQueues,
		get: rciGetQueuesId,
		post: (body, options) => rciPostQueues(body as Parameters<typeof rciPostQueues>[0], options),
		patch: (id, changed, options) => rciPatchQueuesId(id, changed, options),
		remove: rciDeleteQueuesId,
	},
	prompts: {
		objectType: "prompt",
		list: rciGetPrompts,
		get: rciGetPromptsId,
		post: (body, options) => rciPostPrompts(body as Parameters<typeof rciPostPrompts>[0], options),
		patch: (id, changed, options) => rciPatchPromptsId(id, changed, options),
		remove: rciDeletePromptsId,
	},
	calendars: {
		objectType: "calendar",
		list: rciGetCalendars,
		get: rciGetCalendarsId,
		post: (body, options) => rciPostCalendars(body as Parameters<typeof rciPostCalendars>[0], options),
		patch: (id, changed, options) => rciPatchCalendarsId(id, changed, options),
		remove: rciDeleteCalendarsId,
	},
	schedules: {
		objectType: "schedule",
		list: rciGetSchedules,
		get: rciGetSchedulesId,
		post: (body, options) => rciPostSchedules(body as Parameters<typeof rciPostSchedules>[0], options),
		patch: (id, changed, options) => rciPatchSchedulesId(id, changed, options),
		remove: rciDeleteSchedulesId,
	},
	adHocSchedules: {
		objectType: "schedule",
		list: rciGetAdHocSchedules,
		get: rciGetAdHocSchedulesId,
		post: (body, options) => rciPostAdHocSchedules(body as Parameters<typeof rciPostAdHocSchedules>[0], options),
		patch: (id, changed, options) => rciPatchAdHocSchedulesId(id, changed, options),
		remove: rciDeleteAdHocSchedulesId,
	},
	replyTemplates: {
		objectType: "replyTemplate",
		list: rciGetReplyTemplates,
		get: rciGetReplyTemplatesId,
		post: (body, options) => rciPostReplyTemplates(body as Parameters<typeof rciPostReplyTemplates>[0], options),
		patch: (id, changed, options) => rciPatchReplyTemplatesId(id, changed, options),
		remove: rciDeleteReplyTemplatesId,
	},
};

/** A new one, before anything is entered. */
export const fresh: Readonly<Record<ChatKind, Values>> = {
	queues: { name: "", addresses: [] },
	prompts: { name: "", type: "welcome", texts: {} },
	calendars: { name: "", priority: 10 },
	schedules: { kind: "serviceTimes", queueId: null, isOpenElse: false, hours: [] },
	adHocSchedules: { queueId: null, isOpen: false },
	replyTemplates: { name: "", folder: "", text: "", queueIds: [] },
};
