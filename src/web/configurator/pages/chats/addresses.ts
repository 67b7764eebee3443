// Where the kinds have their screens.

export const pathOf = {
	queues: "/queues",
	prompts: "/prompts",
	calendars: "/calendars",
	schedules: "/schedules",
	adHocSchedules: "/adHocSchedules",
	replyTemplates: "/replyTemplates",
} as const;

export const pathOfOne = {
	queues: "/queues/$id",
	prompts: "/prompts/$id",
	calendars: "/calendars/$id",
	schedules: "/schedules/$id",
	adHocSchedules: "/adHocSchedules/$id",
	replyTemplates: "/replyTemplates/$id",
} as const;
