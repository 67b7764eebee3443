// What REST asks of the sandbox: simulators of providers that an administrator starts to try everything without an account.
// Only the composition root may host simulators, so it hands this in.

export const sandboxFaults = ["none", "wrongCredentials", "throttled", "slow", "down"] as const;
/** What goes wrong at the simulated provider. */
export type SandboxFault = (typeof sandboxFaults)[number];

/** Somebody outside who writes, and answers what is sent to them. */
export type Persona = { id: string; name: string };

/** What is entered in Parley for a simulated account; shaped like the RCI object's fields. */
export type SandboxAccount = {
	type: string;
	serviceConnection: string;
	authenticationUrl?: string;
	authentications: readonly { authenticationId: string; password: string }[];
	settings: Readonly<Record<string, unknown>>;
};

/** Where the simulated provider of the type calls. */
export type SandboxConnection = {
	type: string;
	serviceId: string;
	webhookUrl: string;
	httpUser?: { login: string; password: string };
};

export type RunningSimulator = { type: string; serviceId: string | undefined; fault: SandboxFault };

export type Sandbox = {
	/** Why it cannot be started in this process, in a sentence with the next step; undefined: it can. */
	unavailableBecause: string | undefined;
	/** The types that have a simulator here, and those that are started when none is named. */
	types: readonly string[];
	usualTypes: readonly string[];
	personas: readonly Persona[];
	running(): readonly RunningSimulator[];
	/** One change at a time: what is given here waits for what was given before. */
	alone<T>(change: () => Promise<T>): Promise<T>;
	/** Those that run already stay as they are. The accounts of exactly these types. */
	start(types: readonly string[]): Promise<readonly SandboxAccount[]>;
	connect(connection: SandboxConnection): Promise<void>;
	/** A contact writes to us: the status and the text that our webhook answered. */
	write(message: { type: string; persona: string; text: string }): Promise<{ status: number; body: string }>;
	misbehave(type: string, fault: SandboxFault): Promise<void>;
	stop(): Promise<void>;
};

/** Where there is none. */
export function noSandbox(unavailableBecause: string): Sandbox {
	const nowhere = () => Promise.reject(new Error(unavailableBecause));
	return {
		unavailableBecause,
		types: [],
		usualTypes: [],
		personas: [],
		running: () => [],
		alone: (change) => change(),
		start: nowhere,
		connect: nowhere,
		write: nowhere,
		misbehave: nowhere,
		stop: () => Promise.resolve(),
	};
}
