// The messaging services of a simulated world, stored as an administrator would have them.

import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { idsFrom } from "#platform/ids.ts";
import type { Random } from "#platform/random.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import { sealSecret } from "#storage/service-secrets.ts";
import { insertService } from "#storage/services.ts";
import type { Storage } from "#storage/storage.ts";
import { type Account, secrets } from "./dialects.ts";
import { startWallMs } from "./node.ts";

export type Draw = { random: Random; pick(max: number): number; unknownWaitSeconds: number };

export type SetUp = { account: Account; policy: "hold" | "resend" };

const accountSid = `AC${"3".repeat(32)}`;

type Kind = Omit<Account, "serviceId">;

const kinds: readonly Kind[] = [
	{
		type: "facebook",
		serviceConnection: "https://graph.example/v25.0",
		entries: { "111": secrets.pageToken, webhook: secrets.appSecret },
		ourAddress: "111",
		channel: "messenger",
		contacts: ["u1", "u2", "u3"],
	},
	{
		type: "twilio",
		serviceConnection: "https://api.twilio.example",
		entries: { [accountSid]: secrets.authToken },
		ourAddress: "+15550100001",
		channel: "sms",
		contacts: ["+15550100101", "+15550100102"],
	},
];

export async function addServices(storage: Storage, box: SecretBox, draw: Draw): Promise<SetUp[]> {
	const now = new Date(startWallMs);
	const clock = { now: () => now, monotonicMs: () => 0, after: () => () => undefined };
	const ids = idsFrom(clock, draw.random);
	const all: SetUp[] = [];
	for (const kind of kinds) {
		const policy = draw.pick(2) === 0 ? "hold" : "resend";
		const id = ids.next<ServiceId>();
		const connection = { serviceConnection: kind.serviceConnection, authenticationUrl: null };
		const authentications = Object.entries(kind.entries).map(([authenticationId, secret]) => {
			const direction = authenticationId === "webhook" ? ("incoming" as const) : ("both" as const);
			const entry = { id: ids.next<AuthenticationEntryId>(), direction };
			const sealed = sealSecret({ box, fingerprint: () => "0000" }, entry, secret, connection);
			return { ...entry, authenticationId, secret: sealed, previous: null, changedAt: now };
		});
		const service = {
			id,
			type: kind.type,
			name: kind.type,
			enabled: true,
			...connection,
			authenticationScope: null,
			incomingMode: "enforce" as const,
			settings: {
				unknownOutcome: policy,
				unknownWaitSeconds: draw.unknownWaitSeconds,
				sendsAtOnce: 1 + draw.pick(20),
				sendsPerSecond: 1 + draw.pick(50),
				reopenWindowMinutes: [0, 60, 1440][draw.pick(3)] ?? 60,
			},
			authentications,
		};
		await storage.write((tx) => insertService(tx, service, now));
		all.push({ account: { ...kind, serviceId: id }, policy });
	}
	return all;
}
