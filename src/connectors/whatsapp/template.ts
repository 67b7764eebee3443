// Our template with its flat parameters as the template object of the Cloud API. Which component a parameter belongs to
// stands in its name; this spelling is ours:
//   1, 2, …  or body.1        the body's positional parameters      name or body.name   a named one
//   header.1 or header.name   the header's text                     header.image|video|document   the address of its file
//   button.0.url · button.0.payload · button.0.code                 what the button at that place needs
// https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview, checked 2026-11-26.

import type { Channel, MessageTemplate } from "#domain/messages.ts";
import type { WhatsAppConfig } from "./form.ts";

type Json = Readonly<Record<string, unknown>>;
type Parameter = { component: "header" | "body"; name: string; value: string };
type Button = { index: number; kind: string; value: string };
type Sorted = { texts: readonly Parameter[]; buttons: readonly Button[] };

/** The object, or in one sentence why there is none. */
export type TemplateReading = Json | string;

export function toTemplate(template: MessageTemplate, defaultLanguage: string | undefined): TemplateReading {
	const language = template.language ?? defaultLanguage;
	if (language === undefined) {
		return "WhatsApp demands the language of a template; give it, or enter the setting Template language.";
	}
	const { texts, buttons } = sorted(template.parameters ?? {});
	const header = componentOf("header", texts);
	const body = componentOf("body", texts);
	const pressed = buttons.toSorted((a, b) => a.index - b.index).map(toButton);
	const components = [header, body, ...pressed].filter((component) => component !== undefined);
	const trouble = components.find((component) => typeof component === "string");
	return typeof trouble === "string"
		? trouble
		: {
				name: template.id,
				// WhatsApp spells `en_US`; elsewhere `en-US` is usual.
				language: { code: language.replaceAll("-", "_") },
				...(components.length === 0 ? {} : { components }),
			};
}

export function templateProblem(
	template: MessageTemplate,
	_channel: Channel,
	{ templateLanguage }: Pick<WhatsAppConfig, "templateLanguage">,
): string | undefined {
	const reading = toTemplate(template, templateLanguage);
	return typeof reading === "string" ? reading : undefined;
}

function sorted(parameters: Readonly<Record<string, string>>): Sorted {
	const texts: Parameter[] = [];
	const buttons: Button[] = [];
	for (const [name, value] of Object.entries(parameters)) {
		const [, index, kind = ""] = /^button\.(\d{1,2})\.(\w+)$/.exec(name) ?? [];
		const [, component = "body", own = name] = /^(header|body)\.(.+)$/.exec(name) ?? [];
		if (index === undefined) {
			texts.push({ component: component === "header" ? "header" : "body", name: own, value });
		} else {
			buttons.push({ index: Number(index), kind, value });
		}
	}
	return { texts, buttons };
}

function componentOf(type: Parameter["component"], all: readonly Parameter[]): Json | string | undefined {
	const own = all.filter(({ component }) => component === type);
	if (own.length === 0) {
		return undefined;
	}
	const media = type === "header" ? own.filter(({ name }) => mediaKinds.has(name)) : [];
	if (media.length > 0) {
		return own.length === 1
			? { type, parameters: media.map(({ name, value }) => ({ type: name, [name]: { link: value } })) }
			: "The header of a template has one file, or a text; give one of them.";
	}
	const positions = own.filter(({ name }) => isPosition(name));
	if (positions.length === 0) {
		return { type, parameters: own.map(({ name, value }) => ({ type: "text", parameter_name: name, text: value })) };
	}
	const ordered = positions.toSorted((a, b) => Number(a.name) - Number(b.name));
	const isWhole = ordered.length === own.length && ordered.every(({ name }, index) => Number(name) === index + 1);
	return isWhole
		? { type, parameters: ordered.map(({ value }) => ({ type: "text", text: value })) }
		: `The parameters of the ${type} are either all named, or numbered from 1 without a gap.`;
}

const mediaKinds: ReadonlySet<string> = new Set(["image", "video", "document"]);

function isPosition(name: string): boolean {
	return /^[1-9]\d?$/.test(name);
}

const buttonKinds: Readonly<Record<string, { subType: string; toParameter(value: string): Json }>> = {
	url: { subType: "url", toParameter: (text) => ({ type: "text", text }) },
	payload: { subType: "quick_reply", toParameter: (payload) => ({ type: "payload", payload }) },
	code: { subType: "copy_code", toParameter: (code) => ({ type: "coupon_code", coupon_code: code }) },
};

function toButton({ index, kind, value }: Button): Json | string {
	const known = Object.hasOwn(buttonKinds, kind) ? buttonKinds[kind] : undefined;
	return known === undefined
		? `A button has the parameter url, payload or code; write button.${index}.url, for example.`
		: { type: "button", sub_type: known.subType, index: String(index), parameters: [known.toParameter(value)] };
}
