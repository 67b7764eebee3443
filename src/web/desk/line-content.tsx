// What a line says, by its type. Texts are texts: nothing in them becomes part of the page but addresses to open.

import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { piecesOf } from "#web/realtime/links.ts";
import type { Message } from "#web/realtime/tree.ts";
import { contentOf, textOf } from "./chat-facts.ts";

export function LineContent({ message }: { message: Message }) {
	const { t } = useTranslation("desk");
	const content = contentOf(message.message);
	switch (message.type) {
		case "attachment":
			return <Files parts={partsOf(message.message)} />;
		case "location": {
			const { latitude, longitude } = (content["coordinates"] ?? {}) as { latitude?: number; longitude?: number };
			return <span>{t("location", { title: textOf(content["title"]), latitude, longitude })}</span>;
		}
		case "template":
			return <span>{t("templateSent", { id: textOf(content["template_id"] ?? content["id"]) })}</span>;
		default:
			return <LinkedText text={message.message} />;
	}
}

export function LinkedText({ text }: { text: string }) {
	return (
		<span>
			{piecesOf(text).map(({ text: piece, href }, index) =>
				href === undefined ? (
					<span key={index}>{piece}</span>
				) : (
					<a key={index} href={href} target="_blank" rel="noopener noreferrer">
						{piece}
					</a>
				),
			)}
		</span>
	);
}

type StoredFile = { id: string; filename: string; size: string; mime_type?: string; width?: number; height?: number };
type Part = {
	text?: string;
	attachments?: readonly StoredFile[];
	"dropped attachments"?: readonly { filename?: string; reason?: string }[];
};

/** One object, or several. */
function partsOf(text: string): readonly Part[] {
	const content: unknown = contentOf(text);
	return (Array.isArray(content) ? content : [content]) as readonly Part[];
}

function Files({ parts }: { parts: readonly Part[] }) {
	const { t } = useTranslation("desk");
	return (
		<>
			{parts.map((part, index) => (
				<div key={index}>
					{part.text !== undefined && part.text !== "" && <LinkedText text={part.text} />}
					{(part.attachments ?? []).map((file) => (
						<StoredFileLink key={file.id} file={file} />
					))}
					{(part["dropped attachments"] ?? []).map(({ filename = "", reason = "" }, place) => (
						<span key={place}>
							{t("droppedFile", {
								name: filename,
								reason: t(`dropReasons.${reason}` as "dropReasons.DBERROR", { defaultValue: reason }),
							})}
						</span>
					))}
				</div>
			))}
		</>
	);
}

const pictures = /^image\/(png|jpeg|gif|webp)$/;

/** Only an image whose size the server has read and found fit to be drawn is shown in place. */
function isPicture({ mime_type: type = "", width = 0, height = 0 }: StoredFile): boolean {
	return pictures.test(type) && width > 0 && height > 0;
}

function StoredFileLink({ file }: { file: StoredFile }) {
	const { id, filename, size } = file;
	const { t } = useTranslation("desk");
	const address = `${basePath}/ecfs/media/${encodeURIComponent(id)}`;
	return (
		<a href={address} download={filename}>
			{isPicture(file) && <img className="desk-picture" src={address} alt="" loading="lazy" />}
			{t("file", { name: filename, kib: Math.ceil(Number(size) / 1024) })}
		</a>
	);
}
