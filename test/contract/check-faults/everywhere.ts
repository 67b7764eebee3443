// What can be wrong with any provider's host and with our own public address, whatever the type.

import { type CheckFault, type CheckStage, unknownHost } from "./stage.ts";

const minutesMs = 60_000;

/** By its name; the way there is the same. */
function moveOutside(stage: CheckStage): void {
	stage.moveProviderTo(stage.simulator.origin.replace("127.0.0.1", "provider.example"));
}

export const notes: readonly CheckFault[] = [
	{
		name: "the provider is called without TLS",
		step: "tls",
		code: "not_encrypted",
		arrange: moveOutside,
	},
];

export const faults: readonly CheckFault[] = [
	{
		name: "Service Connection is no web address",
		step: "address",
		code: "address_unreadable",
		arrange({ service }) {
			service.serviceConnection = service.serviceConnection.replace(/^\w+:\/\//, "");
		},
	},
	{
		name: "the host lies in an internal network",
		step: "address",
		code: "address_blocked",
		arrange: (stage) => stage.moveProviderTo("https://10.0.0.1"),
	},
	{
		name: "nobody knows the host",
		step: "dns",
		code: "dns_failed",
		arrange: (stage) => stage.moveProviderTo(`https://${unknownHost}`),
	},
	{
		name: "nothing listens at the port",
		step: "tls",
		code: "connection_refused",
		arrange: (stage) => stage.moveProviderTo("http://127.0.0.1:1"),
	},
	{
		name: "the certificate is another host's",
		step: "tls",
		code: "tls_failed",
		arrange: (stage) => stage.moveProviderTo(stage.misnamedOrigin),
	},
	{
		name: "the connection is cut",
		step: "tls",
		code: "connection_reset",
		arrange({ simulator }) {
			simulator.trouble = { resets: true };
		},
	},
	{
		name: "the host does not answer",
		step: "tls",
		code: "connection_timeout",
		arrange(stage) {
			stage.patienceMs = 40;
			stage.simulator.trouble = { stallMs: 10 * minutesMs };
		},
	},
	{
		name: "the answer never ends",
		step: "tls",
		code: "answer_too_large",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 200, body: "x".repeat(100_000) } };
		},
	},
	{
		name: "our clock is behind",
		step: "clock",
		code: "clock_skew",
		arrange({ simulator }) {
			simulator.trouble = { clockOffsetMs: 5 * minutesMs };
		},
	},
	{
		name: "the key ring does not open its secrets",
		step: "credentials",
		code: "secrets_locked",
		arrange({ service }) {
			service.isLocked = true;
		},
	},
	{
		name: "our public address is a private one, and the provider is elsewhere",
		step: "publicUrl",
		code: "public_url_private",
		arrange(stage) {
			moveOutside(stage);
			stage.publishAt("https://192.168.1.10:8443");
		},
	},
	{
		name: "our public address is not encrypted",
		step: "publicUrl",
		code: "public_url_not_https",
		arrange: (stage) => stage.publishAt("http://parley.example"),
	},
	{
		name: "our public address does not exist",
		step: "publicUrl",
		code: "public_url_unreachable",
		arrange: (stage) => stage.publishAt(`https://${unknownHost}`),
	},
	{
		name: "something else answers at our public address",
		step: "publicUrl",
		code: "public_url_elsewhere",
		arrange(stage) {
			stage.isPublished = false;
		},
	},
];
