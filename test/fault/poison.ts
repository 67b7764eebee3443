// Loaded into a Parley of its own (`node --import`): makes the connector and the Chain Matcher fail on marked messages, by
// throwing or by ending the process, the way a bug would. The product has no switch for it: built-ins that it calls on the
// marked text do it, when the caller is the part that is meant. The parent can put the wall clock forward.

import { BroadcastChannel, isMainThread } from "node:worker_threads";

const exitCode = 86;

/** The marks. In an address: for the Chain Matcher. In a text: for the connector that parses or sends it. */
export const poison = {
	matchThrow: "poison-match-throw",
	matchExit: "poison-match-exit",
	parseThrow: "poison-parse-throw",
	sendThrow: "poison-send-throw",
	sendExit: "poison-send-exit",
} as const;

// The test that starts the child imports the marks and stays as it is.
if (process.execArgv.some((argument) => argument.endsWith("/poison.ts"))) {
	spoil();
}

function spoil(): void {
	Error.stackTraceLimit = 60;
	spoilAddresses();
	spoilForms();
	spoilClock();
}

function isCalledBy(part: string): boolean {
	return new Error("Who calls?").stack?.includes(part) === true;
}

/** Both addresses of a chain are normalized where their key is made. */
function spoilAddresses(): void {
	const prototype = String.prototype;
	const normalize = prototype.normalize; // oxlint-disable-line typescript/unbound-method -- called with its string below
	prototype.normalize = function (this: string, form?: string): string {
		if (this.includes("poison-match") && isCalledBy("/src/matcher/")) {
			fail(String(this), poison.matchExit);
		}
		return normalize.call(this, form);
	};
}

/** Twilio's connector reads and writes the text as the field `Body`. */
function spoilForms(): void {
	const read = Map.prototype.get; // oxlint-disable-line typescript/unbound-method -- called with its map below
	Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown): unknown {
		const value: unknown = read.call(this, key);
		if (key === "Body" && typeof value === "string" && value.includes(poison.parseThrow)) {
			if (isCalledBy("/connectors/twilio/inbound")) {
				throw new Error("A bug of the connector.");
			}
		}
		return value;
	};
	const write = URLSearchParams.prototype.set; // oxlint-disable-line typescript/unbound-method -- called with its form below
	URLSearchParams.prototype.set = function (this: URLSearchParams, name: string, value: string): void {
		if (name === "Body" && value.includes("poison-send") && isCalledBy("/connectors/twilio/outbound")) {
			fail(value, poison.sendExit);
		}
		write.call(this, name, value);
	};
}

function fail(text: string, exit: string): void {
	if (text.includes(exit)) {
		process.kill(process.pid, "SIGKILL");
		process.exit(exitCode);
	}
	throw new Error("A bug that this message meets.");
}

/** A message `{ forwardMs }` from the parent. Waits measured by the monotonic clock stay as they are. */
function spoilClock(): void {
	const Real = Date;
	let aheadMs = 0;
	const threads = new BroadcastChannel("how far the clock is ahead"); // Only the first thread hears the parent.
	threads.onmessage = ({ data }) => {
		aheadMs = data as number;
	};
	threads.unref();
	if (isMainThread) {
		process.on("message", (said: { forwardMs: number }) => {
			aheadMs += said.forwardMs;
			threads.postMessage(aheadMs);
		});
		process.channel?.unref();
	}
	const now = (): number => Real.now() + aheadMs;
	globalThis.Date = new Proxy(Real, {
		construct: (made, given: unknown[]) => Reflect.construct(made, given.length === 0 ? [now()] : given) as Date,
		get: (read, name) => (name === "now" ? now : (Reflect.get(read, name) as unknown)),
	});
}
