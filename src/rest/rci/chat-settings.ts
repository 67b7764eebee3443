// /chatSettings: what holds for all chats. The secret of signed visitor identities can be set, never read.

import type { ChatSettings } from "#domain/queues.ts";
import { Problem } from "#platform/problems.ts";
import { chatSettingDefaults } from "#storage/chat-configuration.ts";
import { readStoredChatSettings, saveChatSettings, saveIdentitySecret } from "#storage/chat-settings.ts";
import { type Static, Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type Need, type Route, route } from "../route.ts";
import { closed, orNull } from "../schemas.ts";
import { brokenRule, type ChangeContext } from "./configured.ts";

const on = (access: Need["access"]): Need => ({ objectType: "chatSettings", access, on: "every" });

const fields = {
	chatsPerAgent: Type.Integer({
		minimum: 1,
		maximum: 50,
		description:
			"With so many chats, wrap-up included, an agent is offered, handed or asked into no more. What agents pick or begin themselves is up to them.",
	}),
	agentLostSeconds: Type.Integer({
		minimum: 10,
		maximum: 3600,
		description: "After this time without a connection an agent's chats return to the top of their queue.",
	}),
	visitorGoneSeconds: Type.Integer({
		minimum: 10,
		maximum: 86_400,
		description: "After this time a visitor's chat ends.",
	}),
	attachmentBytesMax: Type.Integer({
		minimum: 1024,
		maximum: 104_857_600,
		description: "Bytes of one file in a chat.",
	}),
	attachmentTypes: Type.Array(Type.String({ pattern: "^[a-z0-9]{1,10}$" }), {
		maxItems: 100,
		uniqueItems: true,
		description: "Endings of file names that may be sent, without a dot.",
	}),
	widgetOrigins: Type.Array(Type.String({ maxLength: 300 }), {
		maxItems: 100,
		uniqueItems: true,
		description: "Origins whose pages may show the visitor widget, such as https://shop.example.",
	}),
	agentOrigins: Type.Array(Type.String({ maxLength: 300 }), {
		maxItems: 100,
		uniqueItems: true,
		description:
			"Origins of other sites on whose pages agents work, such as https://crm.example: what an agent may do, those pages may.",
	}),
	widgetIdentityRequired: Type.Boolean({
		description: "Visitors must come with an identity that their site has signed.",
	}),
	statisticsSeconds: Type.Integer({ minimum: 1, maximum: 300, description: "Between two rounds of queue figures." }),
};

const reply = Type.Object({ ...fields, widgetIdentitySecretSet: Type.Boolean() }, closed);
const body = Type.Object(
	{
		...(Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)])) as {
			[Name in keyof typeof fields]: ReturnType<typeof Type.Optional<(typeof fields)[Name]>>;
		}),
		widgetIdentitySecret: Type.Optional(
			orNull(
				Type.String({
					minLength: 32,
					maxLength: 200,
					writeOnly: true,
					description: "What your site signs its visitors' identities with; null: removes it.",
				}),
			),
		),
		widgetIdentitySecretSet: Type.Optional(
			Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }),
		),
	},
	closed,
);

const read = route({
	method: "GET",
	path: "/chatSettings",
	summary: "Gives what holds for all chats.",
	needs: { who: "holders", rights: [on("view")] },
	reply,
	status: 200,
	async run({ deps }) {
		const { settings, hasSecret, version } = await readStoredChatSettings(deps.storage.db);
		return { status: 200, version, body: toObject(settings, hasSecret) };
	},
});

const replace = route({
	method: "PUT",
	path: "/chatSettings",
	summary: "Replaces what holds for all chats.",
	description: "What is not given gets its default; the secret stays as it is unless it is given.",
	needs: { who: "holders", rights: [on("modify")] },
	body,
	status: 204,
	async run(ctx) {
		const { version } = await change(ctx, ctx.body, () => chatSettingDefaults);
		return { status: 204, version };
	},
});

const merge = route({
	method: "PATCH",
	path: "/chatSettings",
	summary: "Changes what holds for all chats.",
	needs: { who: "holders", rights: [on("modify")] },
	body,
	reply,
	status: 200,
	async run(ctx) {
		const { settings, hasSecret, version } = await change(ctx, ctx.body, (before) => before);
		return { status: 200, version, body: toObject(settings, hasSecret) };
	},
});

type Given = Static<typeof body>;
type Stored = Awaited<ReturnType<typeof readStoredChatSettings>>;

function change(ctx: ChangeContext, given: Given, base: (before: ChatSettings) => ChatSettings): Promise<Stored> {
	return ctx.write(async (tx) => {
		const before = await readStoredChatSettings(tx);
		ctx.demandVersion(before.version);
		const settings = merged(base(before.settings), given);
		const { widgetIdentitySecret: secret } = given;
		const hasSecret = secret === undefined ? before.hasSecret : secret !== null;
		if (settings.widgetIdentityRequired && !hasSecret) {
			throw brokenRule("/widgetIdentityRequired", "needs a widgetIdentitySecret; set one first");
		}
		if (!(await saveChatSettings(tx, settings, before.version))) {
			throw new Problem("precondition_failed", "The chat settings were changed at the same time; read them again.");
		}
		if (secret !== undefined) {
			await saveIdentitySecret(tx, ctx.deps.secretBox, secret);
		}
		await recordChange(tx, ctx, {
			action: "modify",
			objectType: "chatSettings",
			objectId: null,
			objectName: "Chat settings",
			before: { ...before.settings },
			after: { ...settings },
			...(secret === undefined
				? {}
				: { secretsChanged: { widgetIdentitySecret: secret === null ? "not set" : "set" } }),
		});
		return { settings, hasSecret, version: before.version + 1 };
	});
}

function merged(before: ChatSettings, given: Given): ChatSettings {
	const own = Object.entries(given).filter(
		([name, value]) => Object.hasOwn(chatSettingDefaults, name) && value !== undefined,
	);
	const settings: ChatSettings = { ...before, ...Object.fromEntries(own) };
	for (const name of ["widgetOrigins", "agentOrigins"] as const) {
		const wrong = settings[name].findIndex((origin) => !isOrigin(origin));
		if (wrong >= 0) {
			throw brokenRule(
				`/${name}/${wrong}`,
				"must be an origin: scheme and host, without a path, such as https://shop.example",
			);
		}
	}
	return settings;
}

/** Nothing in it may end the directive of the content security policy that it becomes part of. */
function isOrigin(text: string): boolean {
	return URL.parse(text)?.origin === text && /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.:[\]-]+$/.test(text);
}

function toObject(settings: ChatSettings, widgetIdentitySecretSet: boolean) {
	const { attachmentTypes, widgetOrigins, agentOrigins, ...plain } = settings;
	return {
		...plain,
		attachmentTypes: [...attachmentTypes],
		widgetOrigins: [...widgetOrigins],
		agentOrigins: [...agentOrigins],
		widgetIdentitySecretSet,
	};
}

export const chatSettingsRoutes: readonly Route[] = [read, replace, merge];
