// The SMSC's side of SMPP sessions: who is let in, frames in and out, answers waited for. The frames are those of the package
// smpp, an implementation of the protocol that shares nothing with the connector.

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import smpp from "smpp";
import type { Clock } from "#platform/clock.ts";

export type Fields = Readonly<Record<string, unknown>>;
export type Frame = { command: string; status: number; number: number; fields: Fields };

export type Account = { systemId: string; password: string };

export type SmscEvents = {
	/** A submit_sm of a bound session; what is returned is answered, undefined: nothing is. */
	submitted(frame: Frame, session: Session): void;
	bound(session: Session): void;
	refused(status: number, reason: string): void;
};

export const statuses = {
	ok: 0x00,
	invalidLength: 0x02,
	invalidCommand: 0x03,
	notBound: 0x04,
	alreadyBound: 0x05,
	systemError: 0x08,
	invalidSource: 0x0a,
	invalidDestination: 0x0b,
	invalidPassword: 0x0e,
	invalidSystemId: 0x0f,
	throttled: 0x58,
	invalidExpiry: 0x62,
} as const;

const answerWithinMs = 10_000;
const frameBytesMax = 65_536;

/** The listener with all its sessions. */
export class Smsc {
	readonly port: number;
	/** Sessions that are bound, the oldest first. */
	readonly bound = new Set<Session>();
	account: Account;
	/** Answers every bind with this instead. */
	bindStatus: number | undefined;
	/** Cuts every connection. */
	resets = false;
	/** False: it is older than 3.4. */
	knowsTransceiver = true;
	/** Another session has the only bind of the account. */
	isOccupied = false;
	/** Answers no bind. */
	isDeaf = false;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	private constructor(server: Server, account: Account) {
		this.#server = server;
		this.account = account;
		this.port = (server.address() as AddressInfo).port;
	}

	static async open(account: Account, { clock, port = 0 }: { clock: Clock; port?: number }, events: SmscEvents) {
		const server = createServer({ noDelay: true });
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, "127.0.0.1", resolve);
		});
		const smsc = new Smsc(server, account);
		server.on("connection", (socket) => {
			if (smsc.resets) {
				socket.destroy();
				return;
			}
			smsc.#sockets.add(socket);
			socket.once("close", () => smsc.#sockets.delete(socket));
			new Session(socket, smsc, { clock, events });
		});
		return smsc;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#sockets.forEach((socket) => socket.destroy());
		await closed;
	}
}

type SessionDeps = { clock: Clock; events: SmscEvents };

/** One connection. */
export class Session {
	readonly socket: Socket;
	readonly #smsc: Smsc;
	readonly #deps: SessionDeps;
	readonly #asked = new Map<number, (frame: Frame | undefined) => void>();
	#unread: Buffer = Buffer.alloc(0);
	#number = 0;

	constructor(socket: Socket, smsc: Smsc, deps: SessionDeps) {
		this.socket = socket;
		this.#smsc = smsc;
		this.#deps = deps;
		socket.on("data", (bytes: Buffer) => this.#read(bytes));
		socket.on("error", () => socket.destroy());
		socket.once("close", () => {
			smsc.bound.delete(this);
			this.#asked.forEach((resolve) => resolve(undefined));
		});
	}

	answer({ command, number }: Frame, status: number, fields: Fields = {}): void {
		this.#put(`${command}_resp`, number, { ...fields, command_status: status });
	}

	/** Bytes as they are, for what no provider would send. */
	write(bytes: Uint8Array): void {
		this.socket.write(bytes);
	}

	nextNumber(): number {
		this.#number += 1;
		return this.#number;
	}

	/** The answer; undefined: there was none before the time or the connection was over. */
	ask(command: string, fields: Fields, number = this.nextNumber()): Promise<Frame | undefined> {
		return new Promise((resolve) => {
			const done = (frame: Frame | undefined): void => {
				cancel();
				this.#asked.delete(number);
				resolve(frame);
			};
			const cancel = this.#deps.clock.after(answerWithinMs, () => done(undefined));
			this.#asked.set(number, done);
			if (this.socket.destroyed) {
				done(undefined);
			} else {
				this.#put(command, number, fields);
			}
		});
	}

	#put(command: string, number: number, fields: Fields): void {
		if (this.socket.writable) {
			this.socket.write(new smpp.PDU(command, { ...fields, sequence_number: number }).toBuffer());
		}
	}

	#read(bytes: Buffer): void {
		this.#unread = Buffer.concat([this.#unread, bytes]);
		while (this.#unread.length >= 4 && !this.socket.destroyed) {
			const length = this.#unread.readUInt32BE(0);
			if (length < 16 || length > frameBytesMax) {
				this.#refuse(statuses.invalidLength, `a frame of ${length} bytes`);
				return;
			}
			if (this.#unread.length < length) {
				return;
			}
			const frame = frameOf(Buffer.from(this.#unread.subarray(0, length)));
			this.#unread = this.#unread.subarray(length);
			if (frame === undefined) {
				this.#refuse(statuses.invalidCommand, "a frame that cannot be read");
				return;
			}
			this.#hear(frame);
		}
	}

	#refuse(status: number, reason: string): void {
		this.#deps.events.refused(status, reason);
		this.socket.destroy();
	}

	#hear(frame: Frame): void {
		switch (frame.command) {
			case "bind_transceiver":
				if (this.#smsc.knowsTransceiver) {
					this.#bind(frame);
				} else {
					this.#other(frame);
				}
				return;
			case "enquire_link":
				this.answer(frame, statuses.ok);
				return;
			case "unbind":
				this.answer(frame, statuses.ok);
				this.socket.end();
				return;
			case "submit_sm":
				this.#submit(frame);
				return;
			default:
				this.#other(frame);
		}
	}

	#submit(frame: Frame): void {
		if (this.#smsc.bound.has(this)) {
			this.#deps.events.submitted(frame, this);
		} else {
			this.#deps.events.refused(statuses.notBound, "submit_sm before the bind");
			this.answer(frame, statuses.notBound);
		}
	}

	#other(frame: Frame): void {
		if (frame.command.endsWith("_resp") || frame.command === "generic_nack") {
			this.#asked.get(frame.number)?.(frame);
		} else {
			this.#deps.events.refused(statuses.invalidCommand, `the command ${frame.command}`);
			this.#put("generic_nack", frame.number, { command_status: statuses.invalidCommand });
		}
	}

	#bind(frame: Frame): void {
		if (this.#smsc.isDeaf) {
			return;
		}
		const status = this.#smsc.bindStatus ?? bindStatus(frame.fields, this.#smsc.account);
		if (status === statuses.ok && !this.#smsc.isOccupied && !this.#smsc.bound.has(this)) {
			this.answer(frame, statuses.ok, { system_id: "smsc" });
			this.#smsc.bound.add(this);
			this.#deps.events.bound(this);
			return;
		}
		const refusal = status === statuses.ok ? statuses.alreadyBound : status;
		this.#deps.events.refused(refusal, `a bind of ${text(frame.fields["system_id"])}`);
		this.answer(frame, refusal);
		this.socket.end();
	}
}

export function text(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function bindStatus(fields: Fields, { systemId, password }: Account): number {
	if (text(fields["system_id"]) !== systemId || systemId.length > 15) {
		return statuses.invalidSystemId;
	}
	if (text(fields["password"]) !== password || password.length > 8) {
		return statuses.invalidPassword;
	}
	return fields["interface_version"] === 0x34 && text(fields["system_type"]).length <= 12 ? statuses.ok : 0x0d;
}

/** Undefined: the package cannot read it, or it is longer or shorter than its fields. */
function frameOf(bytes: Buffer): Frame | undefined {
	try {
		const pdu = smpp.PDU.fromBuffer(bytes);
		return pdu === false || pdu.command === "unknown"
			? undefined
			: {
					command: pdu.command,
					status: pdu.command_status,
					number: pdu.sequence_number,
					fields: { ...Object.fromEntries(Object.entries(pdu)), bytes },
				};
	} catch (error) {
		if (error instanceof RangeError || error instanceof TypeError) {
			return undefined;
		}
		throw error;
	}
}
