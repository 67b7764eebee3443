// `parley verify`: whether the database is whole — the file, the conservation of messages, the audit chain, and that
// every secret opens. Reads only.

import { sql } from "kysely";
import { openKeyRing } from "#platform/key-ring.ts";
import { lockedSecretBox, type SecretBox } from "#platform/secret-box.ts";
import { verifyAudit } from "#storage/audit.ts";
import { identitySecretOpens } from "#storage/chat-settings.ts";
import { openDataKeys } from "#storage/data-keys.ts";
import { openServices } from "#storage/service-secrets.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import { brokenSubscriptions } from "#storage/subscription-secrets.ts";
import { type CommandInput, type ExitCode, settingsFor } from "./commands.ts";
import { type System, systemWith } from "./system.ts";

/** One thing that was checked; `found` is a sentence. */
export type Finding = { check: string; ok: boolean; found: string };

export async function run(input: CommandInput): Promise<ExitCode> {
	const settings = settingsFor(
		input,
		input.argv.filter((word) => word !== "--json"),
	);
	if (settings === undefined) {
		return 2;
	}
	const storage = await openStorage(settings.database, () => undefined);
	try {
		const findings = await verify(storage, systemWith(settings));
		printFindings(findings, input);
		return findings.every(({ ok }) => ok) ? 0 : 1;
	} finally {
		await storage.close();
	}
}

export function printFindings(findings: readonly Finding[], { argv, say }: CommandInput): void {
	if (argv.includes("--json")) {
		say(JSON.stringify(findings));
		return;
	}
	for (const { check, ok, found } of findings) {
		say(`${ok ? "✔" : "✘"} ${check.padEnd(14)} ${found}`);
	}
}

type Outside = Pick<System, "clock" | "random"> & { settings: Pick<System["settings"], "keyRing"> };

export async function verify(storage: Storage, system: Outside): Promise<Finding[]> {
	return [await verifyFile(storage), ...(await verifyConservation(storage)), ...(await verifyKeys(storage, system))];
}

async function verifyFile(storage: Storage): Promise<Finding> {
	if (storage.dialect === "postgres") {
		return { check: "database", ok: true, found: "PostgreSQL answers; its own tools check its files (pg_amcheck)." };
	}
	const { rows } = await sql<{ integrity_check: string }>`PRAGMA integrity_check`.execute(storage.db);
	const first = rows[0]?.integrity_check ?? "no answer";
	return {
		check: "database",
		ok: first === "ok",
		found: first === "ok" ? "The database file is whole." : `The database file is damaged: ${first}. Restore a backup.`,
	};
}

/** Each pair must be equal: what was accepted is stored, what is stored is somewhere in its life. */
async function verifyConservation(storage: Storage): Promise<Finding[]> {
	const count = async (query: ReturnType<typeof sql<{ n: number }>>) =>
		Number((await query.execute(storage.db)).rows[0]?.n ?? 0);
	const accepted = await count(sql`SELECT count(*) AS n FROM messages WHERE direction = 'in'`);
	const placed = await count(
		sql`SELECT count(*) AS n FROM messages WHERE direction = 'in' AND (state IN ('received', 'parked') OR (state = 'matched' AND conversation_id IS NOT NULL))`,
	);
	const strays = await count(
		sql`SELECT count(*) AS n FROM inbox WHERE kind = 'message' AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = inbox.id)`,
	);
	const forgotten = await count(
		sql`SELECT count(*) AS n FROM messages WHERE direction = 'in' AND state = 'received'
			AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id = messages.id AND inbox.state = 'received')`,
	);
	const partless = await count(
		sql`SELECT count(*) AS n FROM messages WHERE direction = 'out' AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = messages.id)`,
	);
	return [
		{
			check: "incoming",
			ok: accepted === placed,
			found: `${accepted} accepted, ${placed} received, matched or parked.`,
		},
		{
			check: "inbox",
			ok: strays + forgotten === 0,
			found: `${strays} without their message, ${forgotten} that nobody works on.`,
		},
		{ check: "outgoing", ok: partless === 0, found: `${partless} without a part to send.` },
	];
}

async function verifyKeys(storage: Storage, system: Outside): Promise<Finding[]> {
	const { clock, random, settings } = system;
	const ring = openKeyRing(settings.keyRing, { clock, random }, { mayCreate: false });
	const keys = await openDataKeys(storage, ring, { clock, random });
	const broken = await brokenIn(storage, keys.ok ? keys.box : lockedSecretBox(), clock.now());
	const secrets: Finding = {
		check: "secrets",
		ok: keys.ok && broken.length === 0,
		found: keys.ok
			? broken.length === 0
				? "Every stored secret opens."
				: `Secrets that do not open: ${broken.join(", ")}. Enter them again.`
			: `The secrets are locked: ${keys.why}`,
	};
	return ring.ok ? [secrets, await verifyChain(storage, ring.ring)] : [secrets];
}

/** What has secrets that do not open. */
async function brokenIn({ db }: Storage, box: SecretBox, now: Date): Promise<string[]> {
	const services = (await openServices(db, box, now)).filter(({ authentications }) =>
		authentications.some((entry) => entry.broken),
	);
	const subscriptions = await brokenSubscriptions(db, box, now);
	return [
		...services.map(({ type, name }) => `${type} "${name}"`),
		...subscriptions.map((name) => `event subscription "${name}"`),
		...((await identitySecretOpens(db, box)) ? [] : ["chat settings, widgetIdentitySecret"]),
	];
}

async function verifyChain(
	storage: Storage,
	ring: { mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array },
): Promise<Finding> {
	const verdict = await verifyAudit(storage.db, (...pieces) => ring.mac("audit", ...pieces));
	return {
		check: "audit log",
		ok: verdict.whole,
		found: verdict.whole
			? `The chain of ${verdict.rows} entries is whole.`
			: `The chain is broken at entry ${verdict.brokenAt}: somebody changed the table.`,
	};
}
