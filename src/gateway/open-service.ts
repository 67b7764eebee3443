// A messaging service ready to work with: its row, its secrets in clear (in memory only) and its connector, bound
// together so that nobody passes one service's configuration to another's connector.

import type { Attachment, ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import type { CommonSettings } from "#domain/service-settings.ts";
import type {
	Capabilities,
	HeardFrame,
	HttpCall,
	CheckStep,
	HttpUserAuth,
	Line,
	Media,
	MediaAnswer,
	OpenDoor,
	Outcome,
	RawRequest,
	Reply,
	StoredService,
	Tools,
	Upkeep,
	UpkeepRound,
	UpkeepState,
	Verdict,
	VerifiedRequest,
} from "#connectors/contract.ts";
import type { Connector } from "#connectors/registry.ts";

export type IncomingMode = "observe" | "warn" | "enforce";

/** What the gateway needs to know of a stored service. */
export type ServiceFacts = {
	stored: StoredService;
	type: string;
	name: string;
	enabled: boolean;
	incomingMode: IncomingMode;
	stoppedReason: string | null;
	/** A secret of it could not be opened: its doors answer "later", it does not send. */
	isLocked: boolean;
	settings: CommonSettings;
	webhookUrl: string;
	/** Rises with every change of the service. */
	version: number;
};

export type OpenService = ServiceFacts & {
	readonly id: string;
	readonly localHttpAuthentication: "required" | "exempt";
	/** This service demands the HTTP user by a setting of its own. */
	readonly wantsHttpUser: boolean;
	readonly capabilities: Capabilities;
	/** A callback to an address that we made ourselves and that cannot carry an HTTP user. */
	isOwnCallback(raw: RawRequest): boolean;
	/** The address of the call is proof enough to go without an HTTP user. */
	isProvenByAddress(raw: RawRequest): boolean;
	/** Undefined: nothing but the HTTP user proves this call. */
	verify(raw: RawRequest, now: Date): Verdict | undefined;
	handshake(raw: RawRequest): Reply | undefined;
	accounts(): readonly string[];
	parse(request: VerifiedRequest): readonly ChannelEvent[];
	ack(events: readonly ChannelEvent[]): Reply;
	cannotSend(): string | undefined;
	/** Undefined: free texts may go out at any time. */
	replyWindowHours(to: { channel: string; ourAddress: string }): number | undefined;
	/** The request of an invented message, without secrets; undefined where the type has nothing to show. */
	example(): HttpCall | undefined;
	send(message: OutboundMessage, tools: Tools): Promise<Outcome>;
	/** Files that contacts send, and from where they may be had; undefined where they stay at the provider. */
	media: { hosts: readonly string[]; fetch(attachment: Attachment, tools: Tools): Promise<MediaAnswer> } | undefined;
	/** One round of it; undefined where this service needs none. */
	upkeep: ((state: UpkeepState, tools: Tools) => Promise<UpkeepRound>) | undefined;
	/** How it speaks over a line of its own; undefined where it does not. */
	line: BoundLine | undefined;
	/** Undefined where the provider can be asked nothing. */
	check: ((tools: Tools) => Promise<readonly CheckStep[]>) | undefined;
	/** Undefined where the provider cannot be asked. */
	lookup: ((message: OutboundMessage, attemptedAt: Date, tools: Tools) => Promise<Outcome>) | undefined;
};

/** A `Line` with its configuration. */
export type BoundLine = Pick<Line<never>, "greeted" | "farewell" | "keepAlive" | "frameLength"> & {
	greeting(number: number): Uint8Array;
	window: number;
	hear(frame: Uint8Array, opening: string): HeardFrame;
};

export function openService(facts: ServiceFacts, connector: Connector<unknown>): OpenService {
	const config = connector.config.parse(facts.stored);
	const { inbound } = connector;
	const { auth } = inbound;
	return {
		...facts,
		id: facts.stored.id,
		localHttpAuthentication: inbound.localHttpAuthentication,
		wantsHttpUser: auth.kind === "none" && auth.wantsHttpUser?.(config) === true,
		capabilities: connector.capabilities,
		isOwnCallback: (raw) => inbound.isOwnCallback?.(raw) ?? false,
		isProvenByAddress: (raw) => (auth.kind === "httpUser" && auth.isProvenByAddress?.(raw, config)) ?? false,
		verify: (raw, now) =>
			auth.kind === "signature" ? auth.verify(raw, config, now) : unsigned(auth, raw, { config, now }),
		handshake: (raw) => inbound.handshake?.(raw, config),
		accounts: () => inbound.accountsOf(config),
		parse: (request) => inbound.parse(request, config),
		ack: (events) => inbound.ack(events, config),
		cannotSend: () => connector.cannotSend(config),
		replyWindowHours: (to) =>
			facts.settings.keepReplyWindow ? connector.replyWindowHours?.(to, facts.stored.settings) : undefined,
		example: () => connector.example?.(connector.config.parse(withoutSecrets(facts.stored)), facts.webhookUrl),
		send: (message, tools) => connector.send(message, config, tools),
		media: mediaOf(connector.media, config),
		upkeep: upkeepOf(connector.upkeep, config, facts),
		line: boundLine(connector.line, config),
		check:
			connector.check === undefined
				? undefined
				: async (tools) => (await connector.check?.(config, { webhookUrl: facts.webhookUrl }, tools)) ?? [],
		lookup:
			connector.lookup === undefined
				? undefined
				: async (message, attemptedAt, tools) =>
						(await connector.lookup?.(message, attemptedAt, config, tools)) ?? neverLookedUp,
	};
}

function mediaOf<C>(media: Media<C> | undefined, config: C): OpenService["media"] {
	return media === undefined
		? undefined
		: { hosts: media.hosts, fetch: (attachment, tools) => media.fetch(attachment, config, tools) };
}

function upkeepOf<C>(upkeep: Upkeep<C> | undefined, config: C, facts: ServiceFacts): OpenService["upkeep"] {
	return upkeep?.isNeeded(config) === true
		? (state, tools) => upkeep.round(state, config, { webhookUrl: facts.webhookUrl }, tools)
		: undefined;
}

function boundLine<C>(line: Line<C> | undefined, config: C): BoundLine | undefined {
	return line === undefined
		? undefined
		: {
				greeted: (answer) => line.greeted(answer),
				farewell: (number) => line.farewell(number),
				keepAlive: line.keepAlive,
				frameLength: (bytes) => line.frameLength(bytes),
				greeting: (number) => line.greeting(config, number),
				window: line.window(config),
				hear: (frame, opening) => line.hear(frame, config, opening),
			};
}

/** What is not there cannot be shown. Plain letters, because a header takes no others. */
function withoutSecrets(stored: StoredService): StoredService {
	const authentications = stored.authentications.map((entry) => ({
		...entry,
		secrets: entry.secrets.map(() => "***"),
	}));
	return { ...stored, authentications };
}

function unsigned<C>(
	auth: HttpUserAuth<C> | OpenDoor<C>,
	raw: RawRequest,
	{ config, now }: { config: C; now: Date },
): Verdict | undefined {
	return auth.kind === "httpUser" ? auth.verify?.(raw, config, now) : { ok: true };
}

const neverLookedUp: Outcome = { kind: "unknown", code: "unreachable", detail: "The provider cannot be asked." };
