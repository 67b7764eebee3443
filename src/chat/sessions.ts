// Who is logged in to the Chat Server: sessions of agents and visitors by a cookie of 256 random bits, of which only the
// hash is stored. A session ends with its log-out, its account, its age, or when nobody used it for three minutes.

import type { Principal } from "#identity/principal.ts";
import { tokenHash } from "#identity/tokens.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import { type Random, newSecret } from "#platform/random.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { appendAudit } from "#storage/audit.ts";
import {
	aliveByRequestMs,
	type AgentProof,
	type ChatSession,
	type ChatSessionKind,
	abandonedChatSessions,
	countVisitorsFrom,
	deleteOldChatSessions,
	endChatSessions,
	findChatSession,
	insertChatSession,
	insertChatTicket,
	takeChatTicket,
	touchChatSession,
} from "#storage/chat-sessions.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { findCredentials } from "#storage/people.ts";
import type { Storage } from "#storage/storage.ts";

export type SessionDeps = {
	storage: Storage;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
	/** Those of the users, at least one, who have a chat open: their sessions wait for them. */
	withOpenChats(kind: ChatSessionKind, userIds: readonly string[]): Promise<ReadonlySet<string>>;
};

/** `token` is the cookie's value. */
export type StartedSession = { session: ChatSession; token: string };

export type ChatSessions = {
	/** Undefined: the account was changed since the log-in was checked. */
	startAgent(principal: Principal, apiToken: string | undefined): Promise<StartedSession | undefined>;
	/** Undefined: too many new visitors came from that network within the hour. */
	startVisitor(userId: string, network: string): Promise<StartedSession | undefined>;
	/** The session of that kind, if it can be used. */
	resume(token: string, kind: ChatSessionKind): Promise<ChatSession | undefined>;
	end(id: string): Promise<void>;
	/** Opens one socket of the session, within 30 s. */
	makeTicket(session: ChatSession): Promise<string>;
	/** The session of a ticket, which does not count again. */
	takeTicket(ticket: string, kind: ChatSessionKind): Promise<ChatSession | undefined>;
	/** Ends, as long as it runs, what nobody uses. */
	startSweeping(): RunningWorker;
};

const agentMs = 12 * 3_600_000;
const visitorMs = 24 * 3_600_000;
const unusedMs = 180_000;
const ticketMs = 30_000;
const vanishingMs = 15_000; // Less than what an open socket leaves between its renewals, so that requests beside it write nothing.
const touchEveryMs = 30_000;
const sweepEveryMs = 10_000;
const sweptAtOnce = 500;
const keptAfterEndMs = 24 * 3_600_000;
const visitorsMax = 30;
const visitorsWithinMs = 3_600_000;

export function openChatSessions(deps: SessionDeps): ChatSessions {
	const { storage, clock } = deps;
	const usable = async (found: Promise<ChatSession | undefined>, kind: ChatSessionKind) => {
		const session = await found;
		return session?.kind === kind ? session : undefined;
	};
	return {
		async startAgent(principal, apiToken) {
			const { userId, sessionId } = principal;
			const user = await findCredentials(storage.db, { id: userId });
			if (user === undefined || !user.enabled) {
				return undefined;
			}
			const proof = {
				passwordChangedAt: user.passwordChangedAt,
				browserSessionId: sessionId,
				apiTokenHash: apiToken === undefined ? undefined : tokenHash(apiToken),
			};
			return startAgent(deps, principal, proof);
		},
		startVisitor: (userId, network) => startVisitor(deps, userId, network),
		async resume(token, kind) {
			const now = clock.now();
			const session = await usable(findChatSession(storage.db, { tokenHash: tokenHash(token) }, now), kind);
			if (session !== undefined) {
				await noteUse(deps, session, now);
			}
			return session;
		},
		end: (id) => storage.write((tx) => endChatSessions(tx, [id], clock.now())),
		async makeTicket(session) {
			const ticket = newSecret(deps.random);
			const now = clock.now();
			const row = { hash: tokenHash(ticket), sessionId: session.id, expiresAt: new Date(now.getTime() + ticketMs) };
			await storage.write((tx) => insertChatTicket(tx, row, now));
			return ticket;
		},
		async takeTicket(ticket, kind) {
			const now = clock.now();
			const id = await storage.write((tx) => takeChatTicket(tx, tokenHash(ticket), now));
			return id === undefined ? undefined : usable(findChatSession(storage.db, { id }, now), kind);
		},
		startSweeping: () =>
			startWorker(
				{ name: "Chat sessions", pollMs: sweepEveryMs, round: () => sweep(deps), listen: () => () => undefined },
				deps,
			),
	};
}

/** Who works by requests alone, as some programs do, is there between them, too. */
async function noteUse({ storage }: SessionDeps, session: ChatSession, now: Date): Promise<void> {
	const { kind, lastSeenAt, aliveUntil } = session;
	const isVanishing = kind === "agent" && aliveUntil.getTime() - now.getTime() < vanishingMs;
	if (isVanishing || now.getTime() - lastSeenAt.getTime() >= touchEveryMs) {
		const until = kind === "agent" ? new Date(now.getTime() + aliveByRequestMs) : undefined;
		await storage.write((tx) => touchChatSession(tx, session.id, now, until));
	}
}

/** A password that opens a session is a logon, as on the page; the other proofs were written down when they were made. */
async function startAgent(deps: SessionDeps, principal: Principal, proof: AgentProof): Promise<StartedSession> {
	const { userId, login, via } = principal;
	const isByToken = proof.apiTokenHash !== undefined;
	const started = newSession(deps, { kind: "agent", userId, lifeMs: agentMs, isByToken });
	const { session } = started;
	const entry = {
		at: session.createdAt,
		userId,
		actor: login,
		via: "logon",
		action: "logOn",
		objectType: "user",
		objectId: userId,
		objectName: login,
		changes: { chatSession: { after: session.id } },
	} as const;
	await deps.storage.write(async (tx) => {
		await insertChatSession(tx, { ...session, tokenHash: tokenHash(started.token), proof });
		if (via === "basic") {
			await appendAudit(tx, entry, (...pieces) => deps.mac("audit", ...pieces));
		}
	});
	return started;
}

async function startVisitor(deps: SessionDeps, userId: string, network: string): Promise<StartedSession | undefined> {
	const networkMac = deps.mac("visitor network", network);
	const started = newSession(deps, { kind: "visitor", userId, lifeMs: visitorMs, isByToken: false });
	return deps.storage.write(async (tx) => {
		await lockUntilCommit(tx, `visitors ${Buffer.from(networkMac).toString("hex")}`);
		const since = new Date(started.session.createdAt.getTime() - visitorsWithinMs);
		if ((await countVisitorsFrom(tx, networkMac, since)) >= visitorsMax) {
			return undefined;
		}
		await insertChatSession(tx, { ...started.session, tokenHash: tokenHash(started.token), networkMac });
		return started;
	});
}

type Wanted = { kind: ChatSessionKind; userId: string; lifeMs: number; isByToken: boolean };

/** The token is hexadecimal: public clients cut it out of the cookie with a pattern that knows nothing else. */
function newSession({ clock, random, ids }: SessionDeps, { lifeMs, ...who }: Wanted): StartedSession {
	const now = clock.now();
	const token = Buffer.from(random.bytes(32)).toString("hex").toUpperCase();
	const expiresAt = new Date(now.getTime() + lifeMs);
	return {
		session: { id: ids.next(), ...who, createdAt: now, lastSeenAt: now, expiresAt, aliveUntil: now },
		token,
	};
}

async function sweep({ storage, clock, withOpenChats }: SessionDeps): Promise<boolean> {
	const now = clock.now();
	const when = { now, unusedSince: new Date(now.getTime() - unusedMs) };
	const found = await abandonedChatSessions(storage.db, when, sweptAtOnce);
	if (found.length === 0) {
		return false;
	}
	const busyOf = async (kind: ChatSessionKind): Promise<ReadonlySet<string>> => {
		const users = usersOf(kind);
		return users.length === 0 ? new Set() : withOpenChats(kind, users);
	};
	const usersOf = (kind: ChatSessionKind) => [
		...new Set(found.filter((one) => one.kind === kind && !one.isExpired).map(({ userId }) => userId)),
	];
	const busy = { agent: await busyOf("agent"), visitor: await busyOf("visitor") };
	const over = found.filter((one) => one.isExpired || !busy[one.kind].has(one.userId)).map(({ id }) => id);
	if (over.length === 0) {
		return false;
	}
	await storage.write(async (tx) => {
		await endChatSessions(tx, over, now);
		await deleteOldChatSessions(tx, new Date(now.getTime() - keptAfterEndMs));
	});
	return found.length === sweptAtOnce;
}
