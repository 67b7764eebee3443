// A request as it came: first line, headers, body as text or, where it is none, as bytes.

import { useTranslation } from "react-i18next";
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
	const { i18n } = useTranslation();
	return <CodeBlock label={label} text={textOf(request, i18n.language)} />;
}

function textOf({ method, url, headers, bodyText, bodyBase64 }: HttpRequest, language: string): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return [`${method} ${url}`, ...lines, "", bodyText ?? bytesText(bodyBase64, language)].join("\n");
}

function bytesText(base64: string, language: string): string {
	const bytes = fromBase64(base64);
	const lines = hexLines(bytes);
	const size = new Intl.NumberFormat(language, { style: "unit", unit: "byte", unitDisplay: "long" }).format(
		bytes.length,
	);
	return [...lines, ...(bytes.length > lines.length * 16 ? [`… ${size}`] : [])].join("\n");
}
