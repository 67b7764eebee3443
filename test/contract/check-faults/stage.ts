// One check on a stage: a simulator, a service entered for it that a fault may spoil before it is opened, an own public
// address with a certificate, and the real check over the real way out.

import { createServer, type Server } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import type { CheckStep, CheckStepName, UpkeepState } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { type Connector, connectorOf } from "#connectors/registry.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { checkService } from "#gateway/check.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { type LinesDeps, startLines } from "#gateway/lines.ts";
import { tokenShelf } from "#gateway/tools.ts";
import { systemClock } from "#platform/clock.ts";
import { idsFrom } from "#platform/ids.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { systemRandom } from "#platform/random.ts";
import { openLineOut } from "#platform/safe-line.ts";
import { openWayOut } from "#platform/safe-request.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { testCertificate, testKey } from "#test/peers.ts";

/** Something wrong that a check must name: the first step that fails, and its code. */
export type CheckFault<S extends Simulator = Simulator> = {
	name: string;
	step: CheckStepName;
	code: string;
	arrange(stage: CheckStage<S>): void | Promise<void>;
};

/** What the file of a type exports. */
export type CheckTable<S extends Simulator = Simulator> = {
	/** The steps of a check that finds nothing wrong, in order. */
	steps: readonly CheckStepName[];
	faults: readonly CheckFault<S>[];
	/** Set-ups that work: every step is well, and one of them has this code. */
	notes?: readonly CheckFault<S>[];
	/** Why the type has fewer than twelve faults of its own: its provider has nothing that could be asked. */
	nothingToAsk?: string;
};

/** A service as an administrator entered it. */
export type EnteredService = {
	serviceConnection: string;
	authenticationUrl: string | null;
	authenticationScope: string | null;
	settings: Record<string, unknown>;
	authentications: { authenticationId: string; secrets: string[] }[];
	/** A secret of it cannot be opened. */
	isLocked: boolean;
	/** What the last round of upkeep left. */
	upkeep?: UpkeepState;
};

const answerBytesMax = 65_536;
/** The host of the certificate that the tests have; every other name under .example leads to the same machine. */
const publicHost = "api.example";
export const unknownHost = "nowhere.example";

const lookup = (host: string) => Promise.resolve(host === unknownHost ? [] : [{ address: "127.0.0.1", family: 4 }]);

export class CheckStage<S extends Simulator = Simulator> {
	readonly simulator: S;
	readonly service: EnteredService;
	/** How long the way out waits. Short where a host is to stall. */
	patienceMs = 5000;
	/** How long a line waits for its connection. */
	connectMs = 5000;
	/** Whether this node keeps a line for the service, where its type needs one. */
	isKept = true;
	/** Whether this server, and not another, answers at the public address. */
	isPublished = true;
	readonly #connector: Connector<unknown>;
	readonly #public: Server;
	#silent: TcpServer | undefined;
	#webhookUrl: string;

	private constructor(connector: Connector<unknown>, simulator: S, publicServer: Server) {
		this.#connector = connector;
		this.simulator = simulator;
		this.#public = publicServer;
		this.service = enteredFor(simulator);
		this.#webhookUrl = `${this.publicOrigin}/sms/${connector.type}/1`;
		simulator.pointAt(this.#webhookUrl);
		publicServer.on("request", (_request, response) => {
			response.writeHead(404, this.isPublished ? { "correlation-id": "1" } : {}).end();
		});
	}

	static async open(type: string): Promise<CheckStage> {
		const connector = connectorOf(type);
		const start = simulators[type];
		if (connector === undefined || start === undefined) {
			throw new Error(`There is no connector or no simulator for ${type}.`);
		}
		const server = createServer({ key: testKey, cert: testCertificate });
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new CheckStage(connector, await start({ clock: systemClock, random: systemRandom }), server);
	}

	get publicOrigin(): string {
		return `https://${publicHost}:${this.#publicPort}`;
	}
	/** The same machine under a name that its certificate does not hold. */
	get misnamedOrigin(): string {
		return `https://misnamed.example:${this.#publicPort}`;
	}
	get webhookUrl(): string {
		return this.#webhookUrl;
	}
	get #publicPort(): number {
		return (this.#public.address() as AddressInfo).port;
	}

	/** The service is entered with the provider at another place. */
	moveProviderTo(origin: string): void {
		const { service, simulator } = this;
		service.serviceConnection = service.serviceConnection.replace(simulator.origin, origin);
		service.authenticationUrl = service.authenticationUrl?.replace(simulator.origin, origin) ?? null;
	}

	/** Host and port where connections are taken and nothing is ever said. */
	async openSilentHost(): Promise<string> {
		const silent = createTcpServer((socket) => socket.once("error", () => socket.destroy()).resume());
		this.#silent = silent;
		await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
		return `127.0.0.1:${(silent.address() as AddressInfo).port}`;
	}

	/** Our public address is another one, and the provider was told so. */
	publishAt(origin: string): void {
		this.#webhookUrl = this.#webhookUrl.replace(this.publicOrigin, origin);
		this.simulator.pointAt(this.#webhookUrl);
	}

	/** The secrets of one authentication, to be changed; it must be there. */
	secretsOf(authenticationId: string): string[] {
		const entry = this.service.authentications.find((candidate) => candidate.authenticationId === authenticationId);
		if (entry === undefined) {
			throw new Error(`The service has no authentication ${authenticationId}.`);
		}
		return entry.secrets;
	}

	remove(authenticationId: string): void {
		const { service } = this;
		service.authentications = service.authentications.filter((entry) => entry.authenticationId !== authenticationId);
	}

	async check(): Promise<readonly CheckStep[]> {
		const wayOut = openWayOut({
			outboundAllow: ["127.0.0.0/8"],
			connectTimeoutMs: 5000,
			firstByteTimeoutMs: this.patienceMs,
			totalTimeoutMs: this.patienceMs + 5000,
			answerBytesMax,
			certificateAuthorities: [testCertificate],
			lookup,
		});
		const service = this.#open();
		const { lines, worker } = startLines(this.#linesDeps(service));
		const deps = { clock: systemClock, log: silentLog, tokens: tokenShelf(systemClock), wayOut, lines };
		const steps: CheckStep[] = [];
		await checkService(service, deps, (step) => {
			steps.push(step);
			return Promise.resolve();
		});
		await wayOut.close();
		await worker.stop();
		return steps;
	}

	#linesDeps(service: OpenService): LinesDeps {
		const kept = this.isKept ? [service] : [];
		const nothing = (): void => undefined;
		return {
			clock: systemClock,
			random: systemRandom,
			ids: idsFrom(systemClock, systemRandom),
			log: silentLog,
			metrics: openMetrics(),
			signals: noSignals,
			// Nothing is told while a check looks.
			storage: { write: () => Promise.reject(new Error("Nothing is stored on this stage.")) } as unknown as Storage,
			services: {
				all: () => kept,
				sending: () => kept,
				byId: (id) => kept.find((one) => one.id === id),
				ofType: () => kept,
				refresh: () => Promise.resolve(),
			},
			vitals: { received: nothing, upkept: nothing, lineOpened: nothing, lineFailed: nothing },
			lineOut: openLineOut({
				outboundAllow: ["127.0.0.0/8"],
				connectTimeoutMs: this.connectMs,
				answerTimeoutMs: this.patienceMs,
				certificateAuthorities: [testCertificate],
				lookup,
			}),
		};
	}

	async close(): Promise<void> {
		await this.simulator.close();
		this.#silent?.close();
		const closed = new Promise((resolve) => this.#public.close(resolve));
		this.#public.closeAllConnections();
		await closed;
	}

	#open(): OpenService {
		const { isLocked, ...entered } = this.service;
		const settings = filledSettings(this.#connector.config.form, entered.settings);
		return openService(
			{
				stored: { id: "1" as ServiceId, ...entered, settings },
				type: this.#connector.type,
				name: this.#connector.type,
				version: 1,
				enabled: true,
				incomingMode: "enforce",
				stoppedReason: null,
				isLocked,
				settings: commonSettings(settings),
				webhookUrl: this.#webhookUrl,
			},
			this.#connector,
		);
	}
}

function enteredFor({ account }: Simulator): EnteredService {
	return {
		serviceConnection: account.serviceConnection,
		authenticationUrl: account.authenticationUrl ?? null,
		authenticationScope: null,
		settings: { ...account.settings },
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
		isLocked: false,
	};
}
