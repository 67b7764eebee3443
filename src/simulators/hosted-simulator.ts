// What every simulator on the kit has: its host's side as tests see it, and where it was told that Parley listens.

import { basicAuthorization, type SimulatorHost } from "./kit.ts";
import type {
	Detour,
	FetchedFile,
	HostedFile,
	HostTrouble,
	Refusal,
	SentWebhook,
	Simulator,
	Treatment,
	WebhookManners,
} from "./simulator.ts";

export type HttpUser = { login: string; password: string };
export type Webhook = { url: string; httpUser: HttpUser | undefined };

/** HTTP Basic, where Parley gave the provider a user. */
export function credentialsOf(httpUser: HttpUser | undefined): Readonly<Record<string, string>> {
	return httpUser === undefined ? {} : { authorization: basicAuthorization(httpUser) };
}

export abstract class HostedSimulator {
	readonly somebody: string = "+4915112345678";
	protected readonly host: SimulatorHost;
	/** Undefined until `pointAt`. */
	protected webhook: Webhook | undefined;

	constructor(host: SimulatorHost) {
		this.host = host;
	}

	get origin(): string {
		return this.host.origin;
	}
	get webhooks(): readonly SentWebhook[] {
		return this.host.webhooks;
	}
	get refusals(): readonly Refusal[] {
		return this.host.refusals;
	}
	get manners(): WebhookManners {
		return this.host.manners;
	}
	set manners(manners: WebhookManners) {
		this.host.manners = manners;
	}
	get script(): Treatment[] {
		return this.host.script;
	}
	set script(script: Treatment[]) {
		this.host.script = script;
	}
	get trouble(): HostTrouble {
		return this.host.trouble;
	}
	set trouble(trouble: HostTrouble) {
		this.host.trouble = trouble;
	}
	get onMoment(): Simulator["onMoment"] {
		return this.host.onMoment;
	}
	set onMoment(onMoment: Simulator["onMoment"]) {
		this.host.onMoment = onMoment;
	}

	get detour(): Detour | undefined {
		return this.host.detour;
	}
	set detour(detour: Detour | undefined) {
		this.host.detour = detour;
	}

	pointAt(webhookUrl: string, httpUser?: HttpUser): void {
		this.webhook = { url: webhookUrl, httpUser };
	}

	get fetched(): readonly FetchedFile[] {
		return this.host.shelf.fetched;
	}

	hostFile(file: HostedFile): string {
		return this.host.origin + this.host.shelf.keep(file);
	}

	settled(): Promise<void> {
		return this.host.settled();
	}

	close(): Promise<void> {
		return this.host.close();
	}

	/** Throws where nobody said yet where Parley listens. */
	protected pointed(): Webhook {
		if (this.webhook === undefined) {
			throw new Error("pointAt comes first: the simulator does not know where Parley listens.");
		}
		return this.webhook;
	}
}
