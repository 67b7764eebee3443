// What can be wrong with any provider on a line, whatever the type.

import { type CheckFault, unknownHost } from "./stage.ts";

export const notes: readonly CheckFault[] = [
	{
		name: "the line goes without TLS",
		step: "tls",
		code: "not_encrypted",
		arrange: () => undefined,
	},
];

const port = 3601;

/** The encrypted scheme of the type is its plain one with an s. */
const encrypted = ({ simulator }: { simulator: { origin: string } }, host: string): string =>
	`${simulator.origin.slice(0, simulator.origin.indexOf(":"))}s://${host}`;

export const faults: readonly CheckFault[] = [
	{
		name: "Service Connection is no address",
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
		arrange: (stage) => stage.moveProviderTo(encrypted(stage, `10.0.0.1:${port}`)),
	},
	{
		name: "the service is switched off",
		step: "address",
		code: "line_not_kept",
		arrange(stage) {
			stage.isKept = false;
		},
	},
	{
		name: "nobody knows the host",
		step: "dns",
		code: "dns_failed",
		arrange: (stage) => stage.moveProviderTo(encrypted(stage, `${unknownHost}:${port}`)),
	},
	{
		name: "nothing listens at the port",
		step: "tls",
		code: "connection_refused",
		arrange: (stage) => stage.moveProviderTo(stage.simulator.origin.replace(/\d+$/, "1")),
	},
	{
		name: "the certificate is another host's",
		step: "tls",
		code: "tls_failed",
		arrange: (stage) => stage.moveProviderTo(encrypted(stage, new URL(stage.misnamedOrigin).host)),
	},
	{
		name: "the host takes the connection and says nothing of a certificate",
		step: "tls",
		code: "connection_timeout",
		async arrange(stage) {
			stage.connectMs = 40;
			stage.moveProviderTo(encrypted(stage, await stage.openSilentHost()));
		},
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
		name: "something else answers at the port",
		step: "tls",
		code: "not_the_protocol",
		arrange: (stage) => stage.moveProviderTo(encrypted(stage, new URL(stage.publicOrigin).host)),
	},
	{
		name: "the provider does not answer the greeting",
		step: "credentials",
		code: "greeting_unanswered",
		arrange(stage) {
			stage.patienceMs = 40;
			stage.simulator.trouble = { stallMs: 600_000 };
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
		name: "the secret is missing",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications.forEach(({ secrets }) => secrets.splice(0));
		},
	},
];
