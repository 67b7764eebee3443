// How a form is drawn, beyond what a schema of JSON says: where a setting stands, when it counts, what its choices are called;
// which parts an Authentication ID is made of; and what of a type stands on its card. Data only.

import type { Channel } from "#domain/messages.ts";
import type { SettingsCondition } from "./contract-webhook.ts";

export const formGroups = ["basic", "sending", "receiving", "advanced"] as const;
export type FormGroup = (typeof formGroups)[number];

/** Names are those of settings; within a group they keep the order of the schema. */
export type FormLayout = {
	/** In which group each setting stands. */
	groups: Readonly<Partial<Record<FormGroup, readonly string[]>>>;
	/** What each value of a choice is called, by setting and value: a few words, to be picked from a list. */
	choices?: Readonly<Record<string, Readonly<Record<string, string>>>>;
	/** A setting counts only while others have these values. */
	showIf?: Readonly<Record<string, SettingsCondition>>;
	/** Texts of several lines. */
	multiline?: readonly string[];
	/** Texts with placeholders such as {{to}}. */
	templates?: readonly string[];
	/** What a number counts: minutes, seconds. */
	units?: Readonly<Record<string, string>>;
};

/** One field of an Authentication ID that is made of several; the last separator divides. */
export type IdPart = {
	key: string;
	label: string;
	example: string;
	/** Anchored regular expression source. */
	pattern: string;
	transform?: "upperCase";
};
export type IdParts = { parts: readonly IdPart[]; joinedBy: "@" };

/** What tells one type from another at a glance. */
export type TypeCard = {
	/** One line without a full stop. */
	summary: string;
	/** Those that are known by name; a provider may add others. */
	channels: readonly Channel[];
	/** Nobody has tried it against the provider. */
	isExperimental?: true;
};
