// Everything that administrators set for chats, read at once: it changes rarely and is asked for with every move. To be
// read through `storage.remembered("chat configuration", readChatConfiguration)`.

import type { AdHocSchedule, Calendar, ChatConfiguration, Prompt, Schedule } from "#domain/chat-configuration.ts";
import type { ChatSettings, PromptType } from "#domain/queues.ts";
import { readQueues } from "./queues.ts";
import type { Db } from "./storage.ts";

export const chatSettingDefaults: ChatSettings = {
	chatsPerAgent: 3,
	agentLostSeconds: 60,
	visitorGoneSeconds: 120,
	attachmentBytesMax: 10 * 1024 * 1024,
	attachmentTypes: ["pdf", "png", "jpg", "jpeg", "gif", "webp", "txt", "csv", "docx", "xlsx", "pptx", "mp3", "mp4"],
	widgetOrigins: [],
	agentOrigins: [],
	widgetIdentityRequired: false,
	statisticsSeconds: 5,
};

export async function readChatConfiguration(db: Db): Promise<ChatConfiguration> {
	const [queues, prompts, calendars, schedules, adHocSchedules, settings] = await Promise.all([
		readQueues(db),
		readPrompts(db),
		readCalendars(db),
		readSchedules(db),
		readAdHocSchedules(db),
		readChatSettings(db),
	]);
	return { queues, prompts, calendars, schedules, adHocSchedules, settings };
}

export async function readChatSettings(db: Db): Promise<ChatSettings> {
	const row = await db.selectFrom("chat_settings").select("settings").executeTakeFirst();
	return { ...chatSettingDefaults, ...(row === undefined ? {} : (JSON.parse(row.settings) as Partial<ChatSettings>)) };
}

async function readPrompts(db: Db): Promise<Prompt[]> {
	const rows = await db.selectFrom("prompts").select(["id", "name", "type", "texts"]).orderBy("name_key").execute();
	return rows.map(({ id, name, type, texts }) => ({
		id,
		name,
		type: type as PromptType,
		texts: JSON.parse(texts) as Record<string, string>,
	}));
}

async function readCalendars(db: Db): Promise<Calendar[]> {
	const rows = await db.selectFrom("calendars").select(["id", "name", "priority", "days"]).execute();
	return rows.map(({ id, name, priority, days }) => ({
		id,
		name,
		priority,
		...(JSON.parse(days) as Pick<Calendar, "include" | "exclude">),
	}));
}

async function readSchedules(db: Db): Promise<Schedule[]> {
	const rows = await db.selectFrom("schedules").selectAll().orderBy("id").execute();
	return rows.map((row) => {
		const about = { id: row.id, queueId: row.queue_id === "" ? null : row.queue_id, calendarId: row.calendar_id };
		const settings = JSON.parse(row.settings) as Record<string, unknown>;
		return row.kind === "serviceTimes"
			? {
					...about,
					kind: row.kind,
					...(settings as Pick<Extract<Schedule, { kind: "serviceTimes" }>, "isOpenElse" | "hours">),
				}
			: {
					...about,
					kind: row.kind,
					promptType: row.prompt_type as PromptType,
					...(settings as Pick<Extract<Schedule, { kind: "chatPrompts" }>, "promptId">),
				};
	});
}

async function readAdHocSchedules(db: Db): Promise<AdHocSchedule[]> {
	const rows = await db.selectFrom("ad_hoc_schedules").selectAll().orderBy("valid_from").execute();
	return rows.map((row) => ({
		id: row.id,
		queueId: row.queue_id === "" ? null : row.queue_id,
		from: row.valid_from,
		until: row.valid_until,
		isOpen: row.is_open === 1,
	}));
}
