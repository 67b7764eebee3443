// A stand-in for an SMS gateway that is called by HTTP, in one of four dialects. It takes what its manual would say, calls
// back as its manual would say, and proves itself by HTTP Basic where it was given a user.

import type { Random } from "#platform/random.ts";
import { credentialsOf, HostedSimulator } from "./hosted-simulator.ts";
import { type HeardRequest, type Judgement, SimulatorHost, type WebhookAnswer } from "./kit.ts";
import type {
	ContactMessage,
	SentWebhook,
	SimulatedAccount,
	Simulator,
	SimulatorDeps,
	TakenMessage,
} from "./simulator.ts";
import { type Dialect, type DialectName, dialects, type GatewayUser, type Submission } from "./smshttp-dialects.ts";

type Callback = ReturnType<Dialect["report"]>;

/** Port 0 (the default) takes a free one. */
export async function startSmsHttpSimulator(
	deps: SimulatorDeps,
	options: { port?: number; dialect?: DialectName } = {},
): Promise<Simulator> {
	return new Gateway(await SimulatorHost.open(deps, options.port), dialects[options.dialect ?? "form"]);
}

class Gateway extends HostedSimulator implements Simulator {
	readonly type = "smshttp";
	readonly account: SimulatedAccount;
	readonly taken: TakenMessage[] = [];
	readonly #dialect: Dialect;
	readonly #user: GatewayUser;

	constructor(host: SimulatorHost, dialect: Dialect) {
		super(host);
		const { random } = host.deps;
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

	contactWrites({ from, text, remoteId }: ContactMessage): Promise<SentWebhook> {
		const { clock, random } = this.host.deps;
		const id = remoteId ?? hex(random);
		const arrival = { remoteId: id, from, to: this.account.ourAddress, text, at: clock.now() };
		const callback = this.#dialect.arrival(arrival, this.pointed().url);
		return this.host.deliver({ kind: "message", remoteId: id }, () => this.#call(callback));
	}

	#judge(request: HeardRequest): Judgement {
		if (request.method !== this.#dialect.method || request.path !== this.#dialect.path) {
			return { ok: false, reply: { status: 404, body: "" }, reason: `${request.method} ${request.path} is unknown` };
		}
		const ruling = this.#dialect.rule(request, this.#user);
		return ruling.ok ? { ok: true, take: () => this.#take(ruling.submission) } : ruling;
	}

	#take(submission: Submission) {
		const { clock, random } = this.host.deps;
		const remoteId = hex(random);
		const { to, text } = submission;
		this.taken.push({ remoteId, attemptId: attemptIn(submission), to, text, at: clock.now() });
		return { reply: this.#dialect.taken(remoteId), receipts: () => this.#report(remoteId, submission) };
	}

	async #report(remoteId: string, submission: Submission): Promise<void> {
		for (const status of this.host.dueReceipts()) {
			const callback = this.#dialect.report({ remoteId, status, submission }, this.pointed().url);
			await this.host.deliver({ kind: "receipt", remoteId }, () => this.#call(callback));
		}
	}

	/** The HTTP user belongs to the address that an administrator entered; one that a message named is called as it is. */
	#call(callback: Callback): Promise<WebhookAnswer> {
		const isEntered = callback.url === this.pointed().url || callback.url.startsWith(`${this.pointed().url}?id=`);
		const httpUser = isEntered ? this.webhook?.httpUser : undefined;
		const authorization = credentialsOf(httpUser);
		return this.host.call({ ...callback, headers: { ...callback.headers, ...authorization } });
	}
}

function attemptIn({ reference, reportTo }: Submission): string | undefined {
	const named = reference === "" ? URL.parse(reportTo)?.searchParams.get("attempt") : reference;
	return /^[A-F0-9]{32}$/.test(named ?? "") ? (named ?? undefined) : undefined;
}

function hex(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}
