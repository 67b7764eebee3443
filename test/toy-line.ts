// A line protocol for tests, so small that a test can write its frames by hand: length, kind, number, and a text. And a peer
// on loopback that speaks it as the test says.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { HeardFrame, LineCall } from "#connectors/contract.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { BoundLine } from "#gateway/open-service.ts";
import { listen } from "#test/peers.ts";
import { messageEvent } from "#test/scene.ts";

/** G greeting, g its answer, x its refusal · A asks, a answers · T tells, t taken, r refused · E, e alive? · B over. */
export function frame(kind: string, number: number, text = ""): Buffer {
	const words = Buffer.from(kind + String.fromCharCode(number) + text, "latin1");
	return Buffer.concat([Buffer.of(words.length + 1), words]);
}

export type Heard = { kind: string; number: number; text: string };

function readOne(bytes: Uint8Array): Heard {
	const text = Buffer.from(bytes).toString("latin1");
	return { kind: text[1] ?? "", number: bytes[2] ?? 0, text: text.slice(3) };
}

export const toyLine: BoundLine = {
	greeting: (number) => frame("G", number),
	greeted: (answer) =>
		readOne(answer).kind === "g"
			? { ok: true }
			: { ok: false, code: "credentials", detail: "The provider does not know us." },
	farewell: (number) => frame("B", number),
	keepAlive: { everyMs: 30_000, frame: (number) => frame("E", number) },
	window: 2,
	frameLength: (bytes) => (bytes[0] === 0xff ? "broken" : bytes[0]),
	hear,
};

function hear(bytes: Uint8Array): HeardFrame {
	const { kind, number, text } = readOne(bytes);
	switch (kind) {
		case "T":
			return { kind: "told", events: [told(text)], taken: frame("t", number), refused: frame("r", number) };
		case "E":
			return { kind: "asked", reply: frame("e", number) };
		case "B":
			return { kind: "over", reply: frame("b", number) };
		case "!":
			throw new TypeError("a bug");
		case "?":
			return { kind: "noise" };
		default:
			return { kind: "answer", number };
	}
}

function told(text: string): ChannelEvent {
	return messageEvent(text);
}

export function asking(text: string): LineCall {
	return { name: "ask", frame: (number) => frame("A", number, text), shown: () => "shown" };
}

/** The other end of one connection. */
export class Peer {
	readonly socket: Socket;
	readonly heard: Heard[] = [];
	#unread: Buffer = Buffer.alloc(0);
	#changed = Promise.withResolvers<void>();

	constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (bytes: Buffer) => {
			this.#unread = Buffer.concat([this.#unread, bytes]);
			for (let length = this.#unread[0] ?? 0; length > 0 && this.#unread.length >= length;) {
				this.heard.push(readOne(this.#unread.subarray(0, length)));
				this.#unread = this.#unread.subarray(length);
				length = this.#unread[0] ?? 0;
			}
			this.#changed.resolve();
			this.#changed = Promise.withResolvers();
		});
	}

	say(...frames: readonly Buffer[]): void {
		this.socket.write(Buffer.concat(frames));
	}

	/** The frame at this place of all that were heard, waited for. */
	async at(index: number): Promise<Heard> {
		for (;;) {
			const found = this.heard[index];
			if (found !== undefined) {
				return found;
			}
			await this.#changed.promise;
		}
	}
}

/** Two ends that are connected: ours, and the provider's. */
export async function connected(t: TestContext): Promise<{ ours: Socket; peer: Peer }> {
	const server = createServer({ noDelay: true });
	const port = await listen(t, server);
	const ours = connect({ port, host: "127.0.0.1", noDelay: true });
	const [[socket]] = (await Promise.all([once(server, "connection"), once(ours, "connect")])) as [[Socket], unknown];
	t.after(() => ours.destroy());
	return { ours, peer: new Peer(socket) };
}
