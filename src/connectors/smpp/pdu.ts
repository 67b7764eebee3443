// Frames of SMPP 3.4 as bytes: the header, the few commands that we write, the one that carries messages and receipts to
// us. Every length in a frame is somebody else's word; nothing is read beyond the frame, and nothing throws.
// SMPP v3.4 issue 1.2, sections 4 and 5 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf, checked 2026-11-24).

export const commands = {
	genericNack: 0x80_00_00_00,
	submitSm: 0x00_00_00_04,
	submitSmResp: 0x80_00_00_04,
	deliverSm: 0x00_00_00_05,
	deliverSmResp: 0x80_00_00_05,
	unbind: 0x00_00_00_06,
	unbindResp: 0x80_00_00_06,
	bindTransceiver: 0x00_00_00_09,
	bindTransceiverResp: 0x80_00_00_09,
	outbind: 0x00_00_00_0b,
	enquireLink: 0x00_00_00_15,
	enquireLinkResp: 0x80_00_00_15,
	alertNotification: 0x00_00_01_02,
} as const;

export const tags = {
	receiptedMessageId: 0x00_1e,
	sarMsgRefNum: 0x02_0c,
	sarTotalSegments: 0x02_0e,
	sarSegmentSeqnum: 0x02_0f,
	networkErrorCode: 0x04_23,
	messagePayload: 0x04_24,
	messageState: 0x04_27,
} as const;

const headerBytes = 16;
const frameBytesMax = 65_536; // A message_payload of 64 KiB would need a little more; nobody sends one.
const interfaceVersion = 0x34;

export type Pdu = { command: number; status: number; number: number; body: Uint8Array };

/** Of the first frame in what came so far; undefined: too little to tell. */
export function frameLength(bytes: Uint8Array): number | undefined | "broken" {
	if (bytes.length < 4) {
		return undefined;
	}
	const length = viewOf(bytes).getUint32(0);
	return length >= headerBytes && length <= frameBytesMax ? length : "broken";
}

/** Undefined: no whole frame. */
export function readPdu(frame: Uint8Array): Pdu | undefined {
	if (frame.length < headerBytes || frameLength(frame) !== frame.length) {
		return undefined;
	}
	const view = viewOf(frame);
	return {
		command: view.getUint32(4),
		status: view.getUint32(8),
		number: view.getUint32(12),
		body: frame.subarray(headerBytes),
	};
}

/** Whether it answers a command, rather than being one. */
export function isAnswer({ command }: Pdu): boolean {
	return command >= commands.genericNack;
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function writePdu(command: number, number: number, pieces: readonly Uint8Array[] = [], status = 0): Uint8Array {
	const body = Buffer.concat(pieces);
	const frame = Buffer.alloc(headerBytes + body.length);
	[frame.length, command, status, number].forEach((word, index) => frame.writeUInt32BE(word, index * 4));
	frame.set(body, headerBytes);
	return frame;
}

/** C-octet string: ends with NUL, so a NUL within would end it early. */
function cString(text: string): Uint8Array {
	return Buffer.from(`${text.replaceAll("\0", "")}\0`, "latin1");
}

const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export type Bind = { systemId: string; password: string; systemType: string };

export function bindTransceiver(number: number, { systemId, password, systemType }: Bind): Uint8Array {
	const addressRange = [octets(0, 0), cString("")];
	return writePdu(commands.bindTransceiver, number, [
		...[systemId, password, systemType].map(cString),
		octets(interfaceVersion),
		...addressRange,
	]);
}

/** Type of number and numbering plan (section 5.2.5, 5.2.6) with the digits or letters themselves. */
export type SmppAddress = { ton: number; npi: number; address: string };

export type Submit = {
	source: SmppAddress;
	destination: SmppAddress;
	esmClass: number;
	validityPeriod: string;
	registeredDelivery: number;
	dataCoding: number;
	/** At most 254 octets, with the user data header in front where `esmClass` says so. */
	shortMessage: Uint8Array;
};

function addressPieces({ ton, npi, address }: SmppAddress): readonly Uint8Array[] {
	return [octets(ton, npi), cString(address)];
}

export function submitSm(number: number, submit: Submit): Uint8Array {
	const { source, destination, esmClass, validityPeriod, registeredDelivery, dataCoding, shortMessage } = submit;
	return writePdu(commands.submitSm, number, [
		cString(""), // service_type
		...addressPieces(source),
		...addressPieces(destination),
		octets(esmClass, 0, 0), // esm_class, protocol_id, priority_flag
		cString(""), // schedule_delivery_time
		cString(validityPeriod),
		octets(registeredDelivery, 0, dataCoding, 0, shortMessage.length),
		shortMessage,
	]);
}

/** The answer to a deliver_sm; its message_id is unused and empty (section 4.6.2). */
export function deliverSmResp(number: number, status = 0): Uint8Array {
	return writePdu(commands.deliverSmResp, number, [cString("")], status);
}

/** The text in front of the first NUL; undefined: there is none. An error answer may have no body at all. */
export function firstString(body: Uint8Array): string | undefined {
	const end = body.indexOf(0);
	return end === -1 ? undefined : Buffer.from(body.subarray(0, end)).toString("latin1");
}

export type Delivered = {
	source: SmppAddress;
	destination: SmppAddress;
	esmClass: number;
	dataCoding: number;
	message: Uint8Array;
	/** The first one of each tag. */
	tlvs: ReadonlyMap<number, Uint8Array>;
};

/** Undefined: the body is not what the command's has to be. */
export function readDeliverSm(body: Uint8Array): Delivered | undefined {
	const reader = new Reader(body);
	reader.string(); // service_type
	const source = reader.address();
	const destination = reader.address();
	const esmClass = reader.octet();
	reader.skip(2); // protocol_id, priority_flag
	reader.string(); // schedule_delivery_time
	reader.string(); // validity_period
	reader.skip(2); // registered_delivery, replace_if_present_flag
	const dataCoding = reader.octet();
	reader.skip(1); // sm_default_msg_id
	const short = reader.take(reader.octet());
	const tlvs = reader.tlvs();
	return reader.isBroken
		? undefined
		: { source, destination, esmClass, dataCoding, message: tlvs.get(tags.messagePayload) ?? short, tlvs };
}

const tlvsMax = 100;

/** Reads on with nothing where the bytes are over, and tells afterwards. */
class Reader {
	isBroken = false;
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	take(length: number): Uint8Array {
		const taken = this.#bytes.subarray(this.#at, this.#at + length);
		this.isBroken ||= taken.length < length;
		this.#at += length;
		return taken;
	}

	skip(length: number): void {
		this.take(length);
	}

	octet(): number {
		return this.take(1)[0] ?? 0;
	}

	string(): string {
		const text = firstString(this.#bytes.subarray(this.#at));
		this.isBroken ||= text === undefined;
		this.#at += (text?.length ?? 0) + 1;
		return text ?? "";
	}

	address(): SmppAddress {
		return { ton: this.octet(), npi: this.octet(), address: this.string() };
	}

	tlvs(): ReadonlyMap<number, Uint8Array> {
		const found = new Map<number, Uint8Array>();
		while (this.#at < this.#bytes.length && !this.isBroken && found.size < tlvsMax) {
			const [high = 0, low = 0, longHigh = 0, longLow = 0] = this.take(4);
			const value = this.take(longHigh * 256 + longLow);
			const tag = high * 256 + low;
			if (!found.has(tag)) {
				found.set(tag, value);
			}
		}
		return found;
	}
}
