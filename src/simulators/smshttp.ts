// A stand-in for an SMS gateway that is called by HTTP, in one of four dialects. It takes what its manual would say, calls
// back as its manual would say, and proves itself by HTTP Basic where it was given a user.

import type { Random } from "#platform/random.ts";
import { basicAuthorization, type HeardRequest, type Judgement, SimulatorHost, type WebhookAnswer } from "./kit.ts";
import type {
	ContactMessage,
	Refusal,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
	Treatment,
	WebhookManners,
} from "./simulator.ts";
import { type Dialect, type DialectName, dialects, type GatewayUser, type Submission } from "./smshttp-dialects.ts";

type HttpUser = { login: string; password: string };
type Callback = ReturnType<Dialect["report"]>;

/** Port 0 (the default) takes a free one. */
export async function startSmsHttpSimulator(
	deps: SimulatorDeps,
	options: { port?: number; dialect?: DialectName } = {},
): Promise<Simulator> {
	return new Gateway(await SimulatorHost.open(deps, options.port), dialects[options.dialect ?? "form"]);
}

class Gateway implements Simulator {
	readonly type = "smshttp";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly #host: SimulatorHost;
	readonly #dialect: Dialect;
	readonly #user: GatewayUser;
	#webhook: { url: string; httpUser: HttpUser | undefined } | undefined;

	constructor(host: SimulatorHost, dialect: Dialect) {
		const { random } = host.deps;
		this.#host = host;
		this.#dialect = dialect;
		// Signs that a careless template would break on.
		this.#user = { name: "gateway-user", password: `p&<"'%+ ${hex(random)}` };
		this.account = {
			serviceConnection: host.origin + dialect.path + dialect.query,
			authentications: [{ authenticationId: this.#user.name, password: this.#user.password }],
			settings: dialect.settings,
			ourAddress: `+1555${String(Math.floor(random.fraction() * 10_000_000)).padStart(7, "0")}`,
		};
		host.serve({
			sends: (method, path) => method === dialect.method && path === dialect.path,
			judge: (request) => this.#judge(request),
		});
	}

	get origin(): string {
		return this.#host.origin;
	}
	get webhooks(): readonly SentWebhook[] {
		return this.#host.webhooks;
	}
	get refusals(): readonly Refusal[] {
		return this.#host.refusals;
	}
	get manners(): WebhookManners {
		return this.#host.manners;
	}
	set manners(manners: WebhookManners) {
		this.#host.manners = manners;
	}
	get script(): Treatment[] {
		return this.#host.script;
	}
	set script(script: Treatment[]) {
		this.#host.script = script;
	}
	get onMoment(): Simulator["onMoment"] {
		return this.#host.onMoment;
	}
	set onMoment(onMoment: Simulator["onMoment"]) {
		this.#host.onMoment = onMoment;
	}

	pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		this.#webhook = { url: webhookUrl, httpUser };
	}

	contactWrites({ from, text, remoteId }: ContactMessage): Promise<SentWebhook> {
		const { clock, random } = this.#host.deps;
		const id = remoteId ?? hex(random);
		const arrival = { remoteId: id, from, to: this.account.ourAddress, text, at: clock.now() };
		const callback = this.#dialect.arrival(arrival, this.#webhookUrl());
		return this.#host.deliver({ kind: "message", remoteId: id }, () => this.#call(callback));
	}

	settled(): Promise<void> {
		return this.#host.settled();
	}

	close(): Promise<void> {
		return this.#host.close();
	}

	#webhookUrl(): string {
		if (this.#webhook === undefined) {
			throw new Error("pointAt comes first: the simulator does not know where Parley listens.");
		}
		return this.#webhook.url;
	}

	#judge(request: HeardRequest): Judgement {
		if (request.method !== this.#dialect.method || request.path !== this.#dialect.path) {
			return { ok: false, reply: { status: 404, body: "" }, reason: `${request.method} ${request.path} is unknown` };
		}
		const ruling = this.#dialect.rule(request, this.#user);
		return ruling.ok ? { ok: true, take: () => this.#take(ruling.submission) } : ruling;
	}

	#take(submission: Submission) {
		const { clock, random } = this.#host.deps;
		const remoteId = hex(random);
		const { to, text } = submission;
		this.taken.push({ remoteId, attemptId: attemptIn(submission), to, text, at: clock.now() });
		return { reply: this.#dialect.taken(remoteId), receipts: () => this.#report(remoteId, submission) };
	}

	async #report(remoteId: string, submission: Submission): Promise<void> {
		for (const status of this.#host.dueReceipts()) {
			const callback = this.#dialect.report({ remoteId, status, submission }, this.#webhookUrl());
			await this.#host.deliver({ kind: "receipt", remoteId }, () => this.#call(callback));
		}
	}

	/** The HTTP user belongs to the address that an administrator entered; one that a message named is called as it is. */
	#call(callback: Callback): Promise<WebhookAnswer> {
		const isEntered = callback.url === this.#webhookUrl() || callback.url.startsWith(`${this.#webhookUrl()}?id=`);
		const httpUser = isEntered ? this.#webhook?.httpUser : undefined;
		const authorization = httpUser === undefined ? {} : { authorization: basicAuthorization(httpUser) };
		return this.#host.call({ ...callback, headers: { ...callback.headers, ...authorization } });
	}
}

function attemptIn({ reference, reportTo }: Submission): string | undefined {
	const named = reference === "" ? URL.parse(reportTo)?.searchParams.get("attempt") : reference;
	return /^[A-F0-9]{32}$/.test(named ?? "") ? (named ?? undefined) : undefined;
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}
