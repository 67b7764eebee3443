// A request as it came: first line, headers, body as text or, where it is none, as bytes.

import { CodeBlock } from "#web/ui/code.tsx";
import { fromBase64, hexLines } from "#web/ui/hex.ts";

type HttpRequest = {
	method: string;
	url: string;
	headers: Readonly<Record<string, string>>;
	bodyText?: string;
	bodyBase64: string;
};

export function RequestText({ label, request }: { label: string; request: HttpRequest }) {
	return <CodeBlock label={label} text={textOf(request)} />;
}

function textOf({ method, url, headers, bodyText, bodyBase64 }: HttpRequest): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return [`${method} ${url}`, ...lines, "", bodyText ?? bytesText(bodyBase64)].join("\n");
}

function bytesText(base64: string): string {
	const bytes = fromBase64(base64);
	const lines = hexLines(bytes);
	return bytes.length > lines.length * 16 ? [...lines, `… ${bytes.length} bytes`].join("\n") : lines.join("\n");
}
