// Addresses at which providers fetch what we send: unguessable, and good for a while. Nothing is stored for them: the
// address holds the file's id and its own end under a keyed hash, so that a backup opens none.

import { timingSafeEqual } from "node:crypto";
import type { Attachment, KeptFile, StoredAttachment } from "#domain/messages.ts";
import { SecretsLocked } from "#platform/secret-box.ts";

export type Mac = (purpose: string, ...pieces: readonly (string | Uint8Array)[]) => Uint8Array;

export type FileLinks = {
	/** What a connector tells its provider; undefined while the key ring is away. */
	given(attachments: readonly StoredAttachment[], now: Date): readonly Attachment[] | undefined;
	/** The file that an address opens now; undefined for everything that is none of ours, or over. */
	fileAt(token: string, name: string, now: Date): string | undefined;
};

export type FileLinkSettings = {
	publicBaseUrl: string;
	basePath: string;
	retention: { publicAttachmentDays: number };
};

const purpose = "rich content";
const idBytes = 16;
const endBytes = 4;
const macBytes = 20; // 160 bits: nobody guesses one.
const hourMs = 3_600_000; // Whole hours, so that a repeated attempt names the same address, and providers fetch once.

export function fileLinks(mac: Mac, { publicBaseUrl, basePath, retention }: FileLinkSettings): FileLinks {
	const proofOf = (facts: Uint8Array, name: string) => mac(purpose, facts, name).subarray(0, macBytes);

	function addressOf({ fileId, filename }: KeptFile, now: Date): string {
		const name = nameInAddress(filename);
		const facts = Buffer.alloc(idBytes + endBytes);
		facts.write(fileId, "hex");
		facts.writeUInt32BE(Math.ceil(now.getTime() / hourMs) + retention.publicAttachmentDays * 24, idBytes);
		const token = Buffer.concat([facts, proofOf(facts, name)]).toString("base64url");
		return `${publicBaseUrl}${basePath}/sms/richcontent/${token}/${name}`;
	}

	return {
		given(attachments, now) {
			try {
				return attachments.map((attachment) =>
					"fileId" in attachment
						? {
								url: addressOf(attachment, now),
								contentType: attachment.contentType,
								filename: attachment.filename,
							}
						: attachment,
				);
			} catch (error) {
				if (error instanceof SecretsLocked) {
					return undefined;
				}
				throw error;
			}
		},
		fileAt(token, name, now) {
			const bytes = Buffer.from(token, "base64url");
			// Decoding takes several spellings for the same bytes; only one of them was given out.
			if (bytes.length !== idBytes + endBytes + macBytes || bytes.toString("base64url") !== token) {
				return undefined;
			}
			const facts = bytes.subarray(0, idBytes + endBytes);
			const isOurs = timingSafeEqual(bytes.subarray(facts.length), proofOf(facts, name));
			return isOurs && facts.readUInt32BE(idBytes) * hourMs > now.getTime()
				? facts.toString("hex", 0, idBytes).toUpperCase()
				: undefined;
		},
	};
}

const nameCharactersMax = 80;

/** Plain letters: providers look at the ending, and some stumble over anything else. */
function nameInAddress(filename: string): string {
	const plain = filename.normalize("NFKD").replaceAll(/[^A-Za-z0-9._-]+/g, "_");
	return plain.slice(-nameCharactersMax).replace(/^[._]+/, "") || "file";
}
