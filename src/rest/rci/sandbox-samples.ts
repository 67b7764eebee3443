// The sample messaging services of the sandbox: made, or given fresh simulators, and deleted with all that hangs on them.

import { connectorOf } from "#connectors/registry.ts";
import type { ServiceId, UserId } from "#domain/ids.ts";
import { machineSecretMac } from "#identity/tokens.ts";
import { newSecret } from "#platform/random.ts";
import { replaceGrants } from "#storage/grants.ts";
import { deleteUser, findUser, insertUser } from "#storage/people.ts";
import { forgetSample, rememberSample, type Sample, samples } from "#storage/sandbox.ts";
import { findService, listServices, type MessagingService, serviceNameKey } from "#storage/services.ts";
import type { Db, Tx } from "#storage/storage.ts";
import type { AnyContext } from "../route.ts";
import type { SandboxAccount, SandboxConnection } from "../sandbox-port.ts";
import { publicBaseOf } from "./service-answers.ts";
import { webhookUrl } from "./service-view.ts";
import { changeService, createService, removeService } from "./service-write.ts";
import { wholeUser } from "./user-objects.ts";
import { demandUser, recordUser, storeUser } from "./users.ts";

export type SandboxContext = Omit<AnyContext, "params" | "query" | "body">;
export type SampleService = Sample & { service: MessagingService };

/** Those that are still there. */
export async function sampleServices(db: Db): Promise<SampleService[]> {
	const found = await Promise.all(
		(await samples(db)).map(async (sample) => ({ ...sample, service: await findService(db, sample.serviceId) })),
	);
	return found.flatMap(({ service, ...sample }) => (service === undefined ? [] : [{ ...sample, service }]));
}

/** What the simulator of the account is to be told once this is committed. */
export async function makeSample(tx: Tx, ctx: SandboxContext, account: SandboxAccount): Promise<SandboxConnection> {
	const { type } = account;
	const before = (await samples(tx)).find((sample) => sample.type === type);
	const service = await makeService(tx, ctx, account, before);
	const connection = { type, serviceId: service.id, webhookUrl: webhookUrl(publicBaseOf(ctx.deps.settings), service) };
	if (connectorOf(type)?.inbound.localHttpAuthentication !== "required") {
		await rememberSample(tx, { type, serviceId: service.id, userId: null });
		return connection;
	}
	const { userId, ...httpUser } = await makeProviderUser(tx, ctx, service, before?.userId ?? null);
	await rememberSample(tx, { type, serviceId: service.id, userId });
	return { ...connection, httpUser };
}

async function makeService(
	tx: Tx,
	ctx: SandboxContext,
	{ type, ...account }: SandboxAccount,
	before: Sample | undefined,
): Promise<MessagingService> {
	const known = before === undefined ? undefined : await findService(tx, before.serviceId);
	if (known !== undefined) {
		const fresh = (stored: MessagingService) => ({
			...stored,
			...account,
			settings: { ...stored.settings, ...account.settings },
		});
		return (await changeService(tx, ctx, known.id, fresh)).service;
	}
	const entered = {
		name: await freeName(tx, type),
		enabled: true,
		authenticationUrl: null,
		authenticationScope: null,
		incomingMode: "enforce" as const,
		...account,
	};
	return (await createService(tx, ctx, type, entered)).service;
}

/** Somebody may have called one of their own services so. */
async function freeName(db: Db, type: string): Promise<string> {
	const name = `Sandbox: ${connectorOf(type)?.config.form.label ?? type}`;
	const taken = new Set((await listServices(db, { type })).map((service) => serviceNameKey(service.name)));
	const another = (number: number): string => (number === 1 ? name : `${name} ${number}`);
	let number = 1;
	while (taken.has(serviceNameKey(another(number)))) {
		number += 1;
	}
	return another(number);
}

type ProviderUser = { userId: UserId; login: string; password: string };

/** Its password is new each time: the simulator alone knows it. */
async function makeProviderUser(
	tx: Tx,
	ctx: SandboxContext,
	service: MessagingService,
	knownId: UserId | null,
): Promise<ProviderUser> {
	const { deps } = ctx;
	const known = knownId === null ? undefined : await findUser(tx, knownId);
	const id = known?.id ?? deps.ids.next<UserId>();
	const secret = newSecret(deps.random);
	const password = { kind: "machine", mac: machineSecretMac(deps.mac, id, secret) } as const;
	const login = known?.login ?? `sandbox-${service.type}-${id.slice(-8).toLowerCase()}`;
	const fields = wholeUser({ firstName: "Sandbox", surname: service.type, login, externalUser: true });
	if (known === undefined) {
		await insertUser(tx, { id, fields, password, at: deps.clock.now() });
		await recordUser(tx, ctx, { action: "create", after: await demandUser(tx, id), password });
	} else {
		await storeUser(tx, ctx, { before: known, fields, password });
	}
	const grant = { objectType: "messagingService", objectId: service.id, access: ["use"] } as const;
	await replaceGrants(tx, { kind: "user", id }, [grant], () => deps.ids.next());
	return { userId: id, login, password: secret };
}

/** As if somebody had entered the right credentials: what the provider refused goes on at once. */
export async function mendSample(tx: Tx, ctx: SandboxContext, id: string): Promise<void> {
	await changeService(tx, ctx, id, (stored) => ({
		...stored,
		authentications: stored.authentications.map((entry) => ({
			id: entry.id,
			authenticationId: entry.authenticationId,
		})),
	}));
}

/** Messages that wait will fail; conversations stay in the history. Resolves with the users that are gone. */
export async function removeSamples(tx: Tx, ctx: SandboxContext): Promise<readonly UserId[]> {
	const all = await samples(tx);
	for (const { type, serviceId, userId } of all) {
		await removeOne(tx, ctx, serviceId);
		const user = userId === null ? undefined : await findUser(tx, userId);
		if (user !== undefined) {
			await deleteUser(tx, user.id);
			await recordUser(tx, ctx, { action: "delete", before: user });
		}
		await forgetSample(tx, type);
	}
	return all.flatMap(({ userId }) => userId ?? []);
}

async function removeOne(tx: Tx, ctx: SandboxContext, id: ServiceId): Promise<void> {
	const service = await findService(tx, id);
	if (service !== undefined) {
		await removeService(tx, ctx, service);
	}
}
