// Cuts a stream of bytes into HTTP messages with Content-Length. The load generator and the provider's stand-in share the
// two cores with what is measured: a full HTTP library on their side would cost it a third of what it can do.

export type Framed = {
	/** The first line and the headers. */
	head: string;
	body: Buffer;
};

const headEnd = "\r\n\r\n";
const lengthHeader = /\r\ncontent-length: *(\d+)/i;
const chunkedHeader = /\r\ntransfer-encoding:/i;

/** @returns a function for each chunk, which calls `take` for every message that is complete with it */
export function framing(take: (message: Framed) => void): (chunk: Buffer) => void {
	let rest: Buffer | undefined;
	return (chunk) => {
		let bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
		for (;;) {
			const headLength = bytes.indexOf(headEnd);
			if (headLength === -1) {
				break;
			}
			const head = bytes.toString("latin1", 0, headLength);
			const start = headLength + headEnd.length;
			const end = start + lengthOf(head);
			if (bytes.length < end) {
				break;
			}
			const body = bytes.subarray(start, end);
			bytes = bytes.subarray(end);
			take({ head, body });
		}
		rest = bytes.length === 0 ? undefined : bytes;
	};
}

function lengthOf(head: string): number {
	if (chunkedHeader.test(head)) {
		throw new Error("A message came in chunks; the bench reads only those with Content-Length.");
	}
	return Number(lengthHeader.exec(head)?.[1] ?? 0);
}

export function statusOf({ head }: Framed): number {
	return Number(head.slice(9, 12)); // "HTTP/1.1 200 OK"
}

export function closesConnection({ head }: Framed): boolean {
	return /\r\nconnection: *close/i.test(head);
}

export function hasHeader({ head }: Framed, name: string): boolean {
	return head.toLowerCase().includes(`\r\n${name}:`);
}
