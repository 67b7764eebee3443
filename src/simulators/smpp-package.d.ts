// What we use of the package smpp 0.5.1, which brings no types: its frames, not its sessions.

declare module "smpp" {
	/** Fields by SMPP's names; which there are depends on the command. */
	export class PDU {
		constructor(command: string, fields?: Readonly<Record<string, unknown>>);
		/** False: too few bytes. Throws for what it cannot read. */
		static fromBuffer(bytes: Uint8Array): (PDU & Readonly<Record<string, unknown>>) | false;
		readonly command: string;
		readonly command_status: number;
		readonly sequence_number: number;
		isResponse(): boolean;
		toBuffer(): Uint8Array;
	}
	const exported: { PDU: typeof PDU };
	export default exported;
}
