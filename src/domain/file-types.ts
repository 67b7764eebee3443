// What kind of file bytes are: what they show of themselves outranks what somebody says of them. Pure.

const unknownType = "application/octet-stream";

type Mark = { at: number; bytes: string };

/** How files of these types begin. Browsers show the images among them, so nothing else may pass for one. */
const marks: readonly { type: string; all: readonly Mark[] }[] = [
	{ type: "image/png", all: [{ at: 0, bytes: "\x89PNG\r\n\x1a\n" }] }, // PNG specification, section 5.2.
	{ type: "image/jpeg", all: [{ at: 0, bytes: "\xff\xd8\xff" }] }, // ITU-T T.81, annex B: SOI and the next marker.
	{ type: "image/gif", all: [{ at: 0, bytes: "GIF87a" }] },
	{ type: "image/gif", all: [{ at: 0, bytes: "GIF89a" }] },
	{
		type: "image/webp", // RFC 9649, section 2.4.
		all: [
			{ at: 0, bytes: "RIFF" },
			{ at: 8, bytes: "WEBP" },
		],
	},
	{ type: "application/pdf", all: [{ at: 0, bytes: "%PDF-" }] }, // ISO 32000-1, section 7.5.2.
];
const marked: ReadonlySet<string> = new Set(marks.map(({ type }) => type));
const shownTypes: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** The type that the bytes themselves show; undefined where they show none that is known here. */
export function typeShownBy(bytes: Uint8Array): string | undefined {
	const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
	return marks.find(({ all }) => all.every((mark) => start.startsWith(mark.bytes, mark.at)))?.type;
}

/** `image/jpeg` of `Image/JPEG; quality=1`; undefined for what is no media type. */
export function essenceOf(contentType: string | undefined): string | undefined {
	const essence = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
	const isOne = essence.length <= 127 && /^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*$/.test(essence);
	return isOne ? (otherSpellings.get(essence) ?? essence) : undefined;
}

const otherSpellings: ReadonlyMap<string, string> = new Map([
	["image/jpg", "image/jpeg"],
	["image/pjpeg", "image/jpeg"],
	["audio/mp3", "audio/mpeg"],
]);

/** What a file is to be taken for: what it shows, else what is said of it, unless it would have to show that. */
export function typeOfFile(claimed: string | undefined, bytes: Uint8Array): string {
	const shown = typeShownBy(bytes);
	const essence = essenceOf(claimed);
	return shown ?? (essence === undefined || marked.has(essence) ? unknownType : essence);
}

/** Whether the claim can be kept up before these bytes. */
export function isHonest(claimed: string, bytes: Uint8Array): boolean {
	return typeOfFile(claimed, bytes) === essenceOf(claimed);
}

const zipMarks = ["PK\x03\x04", "PK\x05\x06"]; // APPNOTE.TXT, sections 4.3.7 and 4.3.16.
const officeTypes = "application/vnd.openxmlformats-officedocument";

/** `also`: what browsers say of such files as well · `starts`: how they begin, where that is not in `marks`. */
type Ending = { type: string; also?: readonly string[]; starts?: readonly string[] };

const knownEndings: Readonly<Record<string, Ending>> = {
	png: { type: "image/png" },
	jpg: { type: "image/jpeg" },
	jpeg: { type: "image/jpeg" },
	gif: { type: "image/gif" },
	webp: { type: "image/webp" },
	pdf: { type: "application/pdf" },
	zip: { type: "application/zip", also: ["application/*"], starts: zipMarks },
	docx: { type: `${officeTypes}.wordprocessingml.document`, also: ["application/*"], starts: zipMarks },
	xlsx: { type: `${officeTypes}.spreadsheetml.sheet`, also: ["application/*"], starts: zipMarks },
	pptx: { type: `${officeTypes}.presentationml.presentation`, also: ["application/*"], starts: zipMarks },
	txt: { type: "text/plain" },
	csv: { type: "text/csv", also: ["text/plain", "text/comma-separated-values", "application/*"] },
	mp3: { type: "audio/mpeg", also: ["audio/*"] },
	mp4: { type: "video/mp4", also: ["video/*", "audio/*"] },
};

function endingOf(filename: string): Ending | undefined {
	const ending = filename.split(".").at(-1)?.toLowerCase() ?? "";
	return Object.hasOwn(knownEndings, ending) ? knownEndings[ending] : undefined;
}

/** What a file of that name is, whatever is said of it; undefined: the two contradict each other. */
export function typeOfName(filename: string, claimed: string | undefined): string | undefined {
	const essence = essenceOf(claimed) ?? unknownType;
	const ending = endingOf(filename);
	if (ending === undefined || essence === unknownType) {
		return ending?.type ?? essence;
	}
	return essence === ending.type || isCovered(essence, ending.also ?? []) ? ending.type : undefined;
}

/** Whether a file of that name and type begins as such a file must, and as no other that is known here. */
export function isAsNamed(filename: string, type: string, bytes: Uint8Array): boolean {
	const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
	const { starts = [""] } = endingOf(filename) ?? {};
	return starts.some((one) => start.startsWith(one)) && (isHonest(type, bytes) || type === unknownType);
}

/** `image/*` covers every image. */
export function isCovered(contentType: string, types: readonly string[]): boolean {
	const given = contentType.toLowerCase();
	return types.some((type) =>
		type === "*/*" ? true : type.endsWith("/*") ? given.startsWith(type.slice(0, -1)) : given === type,
	);
}

/** Whether a browser may show it in place: only what was seen to be that kind of image. Pages, SVG and PDF never. */
export function isShownInPlace(contentType: string): boolean {
	return shownTypes.has(contentType);
}

const endings: Readonly<Record<string, string>> = {
	"image/png": "png",
	"image/jpeg": "jpg",
	"image/gif": "gif",
	"image/webp": "webp",
	"application/pdf": "pdf",
	"audio/mpeg": "mp3",
	"audio/ogg": "ogg",
	"audio/amr": "amr",
	"audio/mp4": "m4a",
	"video/mp4": "mp4",
	"video/3gpp": "3gp",
	"text/plain": "txt",
	"text/vcard": "vcf",
};
const filenameCharactersMax = 120;

/**
 * A name that is nothing but a name: no folder, no control or bidirectional sign (which would turn `exe.gpj` around), not
 * hidden. Without a usable one: `file` with the ending of its type.
 */
export function plainFilename(name: string | undefined, contentType: string): string {
	const plain = (name ?? "")
		.toWellFormed()
		.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/gu, "")
		.replaceAll(/[\\/:*?"<>|]+/g, "_")
		.replace(/^[.\s]+/, "")
		.trim();
	const ending = endings[contentType];
	const shortened = Array.from(plain).length <= filenameCharactersMax ? plain : shortName(plain);
	return shortened === "" ? (ending === undefined ? "file" : `file.${ending}`) : shortened;
}

/** Cut in the middle: the ending tells what it is. */
function shortName(name: string): string {
	const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
	return (
		Array.from(name)
			.slice(0, filenameCharactersMax - ending.length)
			.join("") + ending
	);
}
