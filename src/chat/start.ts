// The Chat Server: agents and visitors in real time. Sockets and requests come in by the wire, chats move in turns, and
// the feed tells everybody what changed.

import type { FastifyInstance } from "fastify";
import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import { readIdentitySecret } from "#storage/chat-settings.ts";
import { readChatConfiguration } from "#storage/chat-configuration.ts";
import { openColleagues } from "./colleagues.ts";
import type { ChatDeps } from "./deps.ts";
import { openFeed } from "./feed.ts";
import { startIntake } from "./intake-loop.ts";
import { openMessenger } from "./messenger.ts";
import { startOverflow } from "./overflow.ts";
import { openRights } from "./people.ts";
import { startPlaces } from "./places.ts";
import { startPromptsOut } from "./prompts-out.ts";
import { startPresenceRounds, startRounds } from "./rounds.ts";
import { startStatistics } from "./statistics.ts";
import { openMedia } from "./tree/attachments.ts";
import type { Tools } from "./tree/tools.ts";
import { openTree } from "./tree/tree.ts";
import { openTurns } from "./turns.ts";
import { openTyping } from "./typing.ts";
import { startWire, type Wire } from "./wire/start.ts";
import { meetVisitor, openNotes } from "./visitors.ts";

/** The most that any installation may allow for a file; what it does allow is in the chat settings. */
const fileBytesMax = 100 * 1024 * 1024;

/** @param app a scope that has the base path of the settings as its prefix */
export async function startChat(app: FastifyInstance, deps: ChatDeps): Promise<Wire> {
	const { storage, settings } = deps;
	const host = new URL(settings.publicBaseUrl).hostname;
	const turns = openTurns(deps, host);
	const rights = openRights(storage);
	const messenger = openMessenger(deps);
	const feed = await openFeed({
		...deps,
		host,
		windows: () => messenger.windows(),
		queuePlaceOf: (chatId) => places.of(chatId), // Nobody listens before the wire is there.
	});
	const places = startPlaces({ ...deps, feed });
	const statistics = startStatistics({ ...deps, host, rights, feed });
	const typing = openTyping({ ...deps, turns });
	const notes = openNotes(deps, turns);
	let wire: Wire | undefined;
	const tools: Tools = {
		deps,
		turns,
		rights,
		messenger,
		statistics,
		places,
		colleagues: openColleagues(deps, rights),
		typing,
		host,
	};
	await app.register((scope, _options, done) => {
		wire = startWire(scope, {
			...deps,
			tree: openTree(tools),
			feed,
			limits: settings.chat,
			media: openMedia(tools, fileBytesMax),
			withOpenChats: (kind, userIds) => withOpenChats(deps, kind, userIds),
			chatSettings: async () => (await storage.remembered("chat configuration", readChatConfiguration)).settings,
			identitySecret: () => readIdentitySecret(storage.db, deps.secretBox),
			onVisitor: (visitor) => meetVisitor(turns, visitor),
			onSocket(event) {
				typing.onSocket(event);
				notes(event);
			},
		});
		done();
	});
	const rounds = { ...deps, turns, rights, host };
	const workers: RunningWorker[] = [
		startIntake(deps, turns, messenger),
		startRounds(rounds),
		startPresenceRounds(rounds),
		startOverflow(rounds),
		startPromptsOut(deps, turns, messenger),
		statistics,
		places,
	];
	return {
		authenticateAgent: async (presented) => (await wire?.authenticateAgent(presented)) ?? { ok: false, why: "missing" },
		admitAgentPages: async (request, reply) => wire?.admitAgentPages(request, reply),
		async stop() {
			await wire?.stop();
			await workersTogether(workers).stop();
			await feed.stop();
		},
	};
}

/** Those of the users who have something to come back to. */
async function withOpenChats(
	{ storage }: ChatDeps,
	kind: "agent" | "visitor",
	userIds: readonly string[],
): Promise<ReadonlySet<string>> {
	const rows = await (kind === "visitor"
		? storage.db
				.selectFrom("chats")
				.select("visitor_id as id")
				.where("visitor_id", "in", userIds)
				.where("state", "<>", "ended")
				.execute()
		: storage.db.selectFrom("chat_legs").select("user_id as id").where("user_id", "in", userIds).execute());
	return new Set(rows.flatMap(({ id }) => id ?? []));
}
