// Teams on a stage: the connector against its simulator, on a clock of the test, with a door in between that does what the
// gateway does, and the state of upkeep in memory.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { request as sendRequest } from "undici";
import type {
	HttpAnswer,
	HttpCall,
	RawRequest,
	StoredService,
	Tools,
	UpkeepRound,
	UpkeepState,
	VerifiedRequest,
} from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { connector } from "#connectors/teams/index.ts";
import type { ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { tokenShelf } from "#gateway/tools.ts";
import { startTeamsSimulator, type TeamsOptions, type TeamsSimulator } from "#simulators/teams.ts";
import { seededRandom, testClock, type TestClock } from "#test/scene.ts";

export const minuteMs = 60_000;

export class TeamsStage {
	readonly clock: TestClock;
	readonly calls: HttpCall[] = [];
	readonly statuses: number[] = [];
	events: ChannelEvent[] = [];
	state: UpkeepState = {};
	webhookUrl = "";
	readonly simulator: TeamsSimulator;
	readonly stored: { -readonly [Field in keyof StoredService]: StoredService[Field] };
	readonly #tokens: ReturnType<typeof tokenShelf>;

	private constructor(simulator: TeamsSimulator, clock: TestClock) {
		this.simulator = simulator;
		this.clock = clock;
		this.#tokens = tokenShelf(clock);
		const { account } = simulator;
		this.stored = {
			id: "1" as ServiceId,
			serviceConnection: account.serviceConnection,
			authenticationUrl: account.authenticationUrl ?? null,
			authenticationScope: null,
			settings: filledSettings(connector.config.form, account.settings),
			authentications: account.authentications.map(({ authenticationId, password }) => ({
				authenticationId,
				secrets: [password],
			})),
		};
	}

	static async open(t: TestContext, options: TeamsOptions = {}): Promise<TeamsStage> {
		const clock = testClock();
		const stage = new TeamsStage(await startTeamsSimulator({ clock, random: seededRandom(3) }, options), clock);
		const server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on("data", (chunk: Buffer) => chunks.push(chunk));
			request.on("end", () => {
				const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
				const url = new URL(request.url ?? "/", stage.webhookUrl).href;
				const { status, body } = stage.door({
					method: request.method ?? "",
					url,
					headers,
					body: Buffer.concat(chunks),
				});
				response.writeHead(status).end(body);
			});
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		stage.webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/teams/1`;
		stage.simulator.pointAt(stage.webhookUrl);
		t.after(async () => {
			await stage.simulator.close();
			server.closeAllConnections();
			server.close();
		});
		return stage;
	}

	get config() {
		return connector.config.parse({ ...this.stored, upkeep: this.state });
	}

	door(raw: RawRequest): { status: number; body?: string } {
		const { inbound } = connector;
		const greeting = inbound.handshake?.(raw, this.config);
		if (greeting !== undefined || inbound.auth.kind !== "signature") {
			return greeting ?? { status: 500 };
		}
		const verdict = inbound.auth.verify(raw, this.config, this.clock.now());
		if (verdict.ok) {
			this.events.push(...inbound.parse(raw as VerifiedRequest, this.config));
		}
		const status = verdict.ok ? 202 : ["stale", "unready"].includes(verdict.why) ? 503 : 401;
		this.statuses.push(status);
		return { status };
	}

	tools(): Tools {
		return {
			http: (call) => this.#http(call),
			token: (key, fetch) => this.#tokens.get(key, fetch),
			dropToken: (key, token) => this.#tokens.drop(key, token),
			now: () => this.clock.now(),
		};
	}

	/** One round; its state stays, and what it found is among the events. */
	async round(): Promise<UpkeepRound> {
		this.calls.length = 0;
		assert.ok(connector.upkeep);
		const our = { webhookUrl: this.webhookUrl };
		const round = await connector.upkeep.round(this.state, this.config, our, this.tools());
		this.state = JSON.parse(JSON.stringify(round.state)) as UpkeepState;
		this.events.push(...round.findings.flatMap(({ events }) => events));
		return round;
	}

	/** Rounds until there is nothing more to do at once. */
	async settle(): Promise<UpkeepRound> {
		for (let turn = 0; turn < 10; turn++) {
			const round = await this.round();
			if (round.trouble !== undefined || round.nextAt.getTime() - this.clock.now().getTime() > minuteMs) {
				return round;
			}
			this.clock.advance(1000);
		}
		throw new Error("It does not settle.");
	}

	get texts(): string[] {
		const seen = new Map(this.events.map((event) => [event.dedupKey, event]));
		return [...seen.values()].flatMap((event) => (event.kind === "message" ? [event.text] : []));
	}

	asked(method: string): string[] {
		const paths = this.calls.filter((call) => call.method === method).map(({ url }) => new URL(url).pathname);
		return paths.filter((path) => path.startsWith("/v1.0/subscriptions"));
	}

	async #http({ method, url, headers, body }: HttpCall): Promise<HttpAnswer> {
		this.calls.push({ method, url, headers, ...(body === undefined ? {} : { body }) });
		const answer = await sendRequest(url, { method, headers, body: body ?? null });
		const told = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
		const bytes = new Uint8Array(await answer.body.arrayBuffer());
		return { kind: "answered", status: answer.statusCode, headers: new Headers(told), body: bytes };
	}
}
