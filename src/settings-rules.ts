// What a setting is, and the rules that values follow besides their type and bounds.

import ipaddr from "ipaddr.js";
import { parseAllowList } from "#platform/outbound-rules.ts";

export type SettingType = "text" | "int" | "boolean" | "list" | "duration" | "choice";
export type SettingValue = string | number | boolean | readonly string[];

export type Setting = {
	name: string;
	type: SettingType;
	default: SettingValue;
	/** What the documentation says when the default is worked out from other settings. */
	defaultInWords?: string;
	/** Of numbers; durations are in milliseconds. */
	min?: number;
	max?: number;
	/** The words a choice, or each entry of a list, may be. */
	choices?: readonly string[];
	/** The value, or a part of it, must never be shown. */
	secret?: true;
	/** The rule that the value breaks, as "must …", or undefined. */
	rule?(value: SettingValue): string | undefined;
	description: string;
};

export function filledRule(value: SettingValue): string | undefined {
	return value === "" || (Array.isArray(value) && value.length === 0) ? "must not be empty" : undefined;
}

export function mediaTypesRule(value: SettingValue): string | undefined {
	const types = Array.isArray(value) ? value.map(String) : [];
	return types.every((type) => /^(?:\*|[a-z0-9][a-z0-9.+-]*)\/(?:\*|[a-z0-9][a-z0-9.+-]*)$/.test(type))
		? undefined
		: "must be media types in small letters, such as image/png or audio/*";
}

export function databaseRule(value: SettingValue): string | undefined {
	const fits = /^(?:$|sqlite:.+|postgres(?:ql)?:\/\/.+)/.test(String(value));
	return fits ? undefined : "must be sqlite:<path> or postgres://…";
}

export function originRule(value: SettingValue): string | undefined {
	const url = URL.parse(String(value));
	const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
	return value === "" || isOrigin ? undefined : "must be https://host or http://host:port, without path or user";
}

export function basePathRule(value: SettingValue): string | undefined {
	return /^(?:\/[A-Za-z0-9._~-]+)*$/.test(String(value))
		? undefined
		: "must be empty, or begin with / and have letters, digits, and . _ ~ - only, without a / at the end";
}

export function networksRule(value: SettingValue): string | undefined {
	const entries = Array.isArray(value) ? value.map(String) : [];
	return entries.every((entry) => ipaddr.isValidCIDR(entry) || isPlainAddress(entry))
		? undefined
		: "must be addresses (10.0.0.5) or CIDR ranges (10.0.0.0/8)";
}

/** Not the octal, hexadecimal and shortened spellings that address parsers also take. */
function isPlainAddress(entry: string): boolean {
	return ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry);
}

export function allowListRule(value: SettingValue): string | undefined {
	try {
		parseAllowList(Array.isArray(value) ? value.map(String) : []);
		return undefined;
	} catch (error) {
		if (error instanceof RangeError) {
			return error.message;
		}
		throw error;
	}
}
