// The simulated SMSC against a client of the package's frames: what it lets in, what it takes, what it tells, how it errs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import smpp from "smpp";
import { systemClock } from "#platform/clock.ts";
import { seededRandom } from "#test/scene.ts";
import { type SmppSimulator, startSmppSimulator } from "./smpp.ts";

type Said = { command: string; status: number; number: number; fields: Readonly<Record<string, unknown>> };

/** One connection to the simulator, which answers what it is told with `told`. */
class Client {
	readonly socket: Socket;
	told = 0;
	readonly heard: Said[] = [];
	#number = 0;
	#unread: Buffer = Buffer.alloc(0);
	#changed = Promise.withResolvers<void>();

	constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (bytes: Buffer) => this.#read(bytes));
	}

	async ask(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Said> {
		const number = (this.#number += 1);
		this.socket.write(new smpp.PDU(command, { ...fields, sequence_number: number }).toBuffer());
		return this.until((said) => said.number === number && said.command !== "deliver_sm");
	}

	async until(isMeant: (said: Said) => boolean): Promise<Said> {
		for (;;) {
			const found = this.heard.find(isMeant);
			if (found !== undefined) {
				return found;
			}
			await this.#changed.promise;
		}
	}

	#read(bytes: Buffer): void {
		this.#unread = Buffer.concat([this.#unread, bytes]);
		while (this.#unread.length >= 4 && this.#unread.length >= this.#unread.readUInt32BE(0)) {
			const length = this.#unread.readUInt32BE(0);
			const pdu = smpp.PDU.fromBuffer(this.#unread.subarray(0, length));
			this.#unread = this.#unread.subarray(length);
			assert.ok(pdu !== false);
			const { command, command_status: status, sequence_number: number } = pdu;
			this.heard.push({ command, status, number, fields: pdu });
			if (command === "deliver_sm") {
				const answer = { sequence_number: number, command_status: this.told };
				this.socket.write(new smpp.PDU("deliver_sm_resp", answer).toBuffer());
			}
		}
		this.#changed.resolve();
		this.#changed = Promise.withResolvers();
	}
}

async function stand(t: TestContext) {
	const simulator = await startSmppSimulator({ clock: systemClock, random: seededRandom(5) });
	t.after(() => simulator.close());
	const { port } = new URL(simulator.origin.replace("smpp:", "ftp:"));
	const dial = async (): Promise<Client> => {
		const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
		t.after(() => socket.destroy());
		await once(socket, "connect");
		return new Client(socket);
	};
	return { simulator, dial };
}

function bindOf({ account }: SmppSimulator, change: Readonly<Record<string, unknown>> = {}) {
	const [entry] = account.authentications;
	return { system_id: entry?.authenticationId, password: entry?.password, interface_version: 0x34, ...change };
}

async function bound(t: TestContext) {
	const { simulator, dial } = await stand(t);
	const client = await dial();
	assert.equal((await client.ask("bind_transceiver", bindOf(simulator))).status, 0);
	return { simulator, client };
}

const submit = {
	source_addr_ton: 1,
	source_addr_npi: 1,
	source_addr: "15550100001",
	dest_addr_ton: 1,
	dest_addr_npi: 1,
	destination_addr: "4915112345678",
	registered_delivery: 0x11,
	data_coding: 0,
	short_message: Buffer.from("hello"),
};

test("who is wrong about the user, the password or the version is refused, each with its own status", async (t) => {
	const { simulator, dial } = await stand(t);
	for (const [change, status] of [
		[{ system_id: "nobody" }, 0x0f],
		[{ password: "another1" }, 0x0e],
		[{ interface_version: 0x33 }, 0x0d],
		[{}, 0],
	] as const) {
		const client = await dial();
		assert.equal((await client.ask("bind_transceiver", bindOf(simulator, change))).status, status);
	}
	assert.deepEqual([simulator.boundCount, simulator.binds, simulator.refusals.length], [1, 1, 3]);
});

test("one that is older, one that is occupied and one that is told so refuse whoever comes", async (t) => {
	const { simulator, dial } = await stand(t);
	const refusal = async (): Promise<string> => {
		const { command, status } = await (await dial()).ask("bind_transceiver", bindOf(simulator));
		return `${command} ${status}`;
	};
	simulator.knowsTransceiver = false;
	assert.equal(await refusal(), "generic_nack 3");
	simulator.knowsTransceiver = true;
	simulator.bindStatus = 0x58;
	assert.equal(await refusal(), "bind_transceiver_resp 88");
	simulator.bindStatus = undefined;
	simulator.occupy();
	assert.equal(await refusal(), "bind_transceiver_resp 5");
	assert.equal(simulator.boundCount, 0);
});

test("nothing is taken before the bind, and a question whether it is there is answered", async (t) => {
	const { simulator, dial } = await stand(t);
	const client = await dial();
	assert.equal((await client.ask("enquire_link")).command, "enquire_link_resp");
	assert.equal((await client.ask("submit_sm", submit)).status, 0x04);
	assert.deepEqual(simulator.taken, []);
});

test("what is taken has an id, and receipts of it as far as they were asked for", async (t) => {
	const { simulator, client } = await bound(t);
	simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered"] };
	const { status, fields } = await client.ask("submit_sm", submit);
	const id = simulator.taken[0]?.remoteId;
	assert.deepEqual([status, fields["message_id"], simulator.taken[0]?.text], [0, id, "hello"]);
	await simulator.settled();
	const told = client.heard.filter(({ command }) => command === "deliver_sm");
	assert.deepEqual(
		told.map((one) => [one.fields["receipted_message_id"], one.fields["message_state"]]),
		[
			[id, 1],
			[id, 2],
		],
	);
	assert.deepEqual(
		simulator.webhooks.map(({ kind, status: answered }) => [kind, answered]),
		Array(2).fill(["receipt", 200]),
	);
	await client.ask("submit_sm", { ...submit, registered_delivery: 0 });
	await simulator.settled();
	assert.equal(client.heard.filter(({ command }) => command === "deliver_sm").length, 2);
});

test("a submit that is not as documented is refused with the status of what is wrong", async (t) => {
	const { simulator, client } = await bound(t);
	for (const [change, status] of [
		[{ destination_addr: "abc" }, 0x0b],
		[{ dest_addr_npi: 0 }, 0x0b],
		[{ source_addr_ton: 5, source_addr_npi: 0, source_addr: "MuchTooLongName" }, 0x0a],
		[{ esm_class: 0x04 }, 0x43],
		[{ registered_delivery: 0x02 }, 0x07],
		[{ short_message: Buffer.alloc(161, "x") }, 0x01],
		[{ short_message: Buffer.from([0xe4]) }, 0x01],
		[{ data_coding: 8, short_message: Buffer.from([0x04]) }, 0x01],
		[{ data_coding: 3 }, 0x01],
	] as const) {
		assert.equal((await client.ask("submit_sm", { ...submit, ...change })).status, status, JSON.stringify(change));
	}
	assert.deepEqual(simulator.taken, []);
	assert.equal(simulator.refusals.length, 9);
});

test("the script is followed: a status, another one, one that is named, a cut", async (t) => {
	const { simulator, client } = await bound(t);
	simulator.manners = { ...simulator.manners, receipts: [] };
	simulator.script = [
		{ kind: "answer", status: 429 },
		{ kind: "answer", status: 500 },
		{ kind: "answer", status: 400, body: "0x45" },
		{ kind: "resetAfter" },
	];
	const statuses = [];
	for (let turn = 0; turn < 3; turn++) {
		statuses.push((await client.ask("submit_sm", submit)).status);
	}
	assert.deepEqual(statuses, [0x58, 0x08, 0x45]);
	void client.ask("submit_sm", submit);
	await once(client.socket, "close");
	assert.equal(simulator.taken.length, 1);
});

test("a message of a contact is told, and again until it is taken", async (t) => {
	const { simulator, client } = await bound(t);
	client.told = 0x64;
	simulator.manners = { ...simulator.manners, again: { everyMs: 1, timesMax: 3 } };
	const writing = simulator.contactWrites({ from: simulator.somebody, text: "Да" });
	const first = await client.until(({ command }) => command === "deliver_sm");
	client.told = 0;
	assert.equal((await writing).status, 200);
	const told = client.heard.filter(({ command }) => command === "deliver_sm");
	assert.ok(told.length >= 2);
	assert.deepEqual([...new Set(told.map(({ number }) => number))], [first.number]);
	assert.deepEqual([first.fields["data_coding"], first.fields["source_addr"]], [8, simulator.somebody.slice(1)]);
});

test("bytes that are no frame end the session", async (t) => {
	const { simulator, client } = await bound(t);
	client.socket.write("GET / HTTP/1.1\r\n\r\n");
	await once(client.socket, "close");
	assert.equal(simulator.refusals.length, 1);
});
