// A request as it came: first line, headers, body as text or, where it is none, as base64.

import { CodeBlock } from "#web/ui/code.tsx";

type HttpRequest = {
	method: string;
	url: string;
	headers: Readonly<Record<string, string>>;
	bodyText?: string;
	body?: string;
};

export function RequestText({ label, request }: { label: string; request: HttpRequest }) {
	return <CodeBlock label={label} text={textOf(request)} />;
}

export function textOf({ method, url, headers, bodyText, body = "" }: HttpRequest): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	return [`${method} ${url}`, ...lines, "", bodyText ?? body].join("\n");
}
