// Every setting: its name, type, bounds, default and meaning. The reader, the messages and the documentation page are
// made from this table and from nothing else.

import {
	allowListRule,
	basePathRule,
	databaseRule,
	filledRule,
	mediaTypesRule,
	networksRule,
	originRule,
	type Setting,
} from "./settings-rules.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const mebibyte = 1_048_576;

/** The servers that exist. */
export const serverNames = ["gateway", "matcher", "chat", "rest"] as const;
export type ServerName = (typeof serverNames)[number];
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

export const settingsTable = [
	{
		name: "database",
		type: "text",
		default: "",
		defaultInWords: "`sqlite:<dataDir>/parley.db`",
		secret: true,
		rule: databaseRule,
		description: "Where everything is stored: `sqlite:<path>`, or `postgres://user:password@host:port/name`.",
	},
	{
		name: "dataDir",
		type: "text",
		default: "./data",
		rule: filledRule,
		description: "The folder for what belongs to this installation. Back it up, together with the key ring.",
	},
	{
		name: "keyRing",
		type: "text",
		default: "./parley.keyring",
		rule: filledRule,
		description:
			"The file with the keys that protect stored secrets. Must lie outside `dataDir` and be readable by its owner only; keep a copy elsewhere, for without it every stored secret is lost.",
	},
	{
		name: "publicBaseUrl",
		type: "text",
		default: "",
		defaultInWords: "`http://localhost:<port>`, or `https://…` with `tls.certificateFile`",
		rule: originRule,
		description:
			"How providers and browsers reach this server, without a path. Webhook addresses are made from it and signatures are checked against it; no header of a request changes it.",
	},
	{
		name: "basePath",
		type: "text",
		default: "",
		rule: basePathRule,
		description: "A path in front of every address, such as `/acme`.",
	},
	{
		name: "host",
		type: "text",
		default: "127.0.0.1",
		rule: filledRule,
		description: "The address the main listener binds to. `0.0.0.0` opens it to the network.",
	},
	{ name: "port", type: "int", default: 8080, min: 0, max: 65_535, description: "The main listener's port." },
	{
		name: "opsHost",
		type: "text",
		default: "127.0.0.1",
		rule: filledRule,
		description: "The address of the listener for health and metrics. Do not open it to the internet.",
	},
	{
		name: "opsPort",
		type: "int",
		default: 9090,
		min: 0,
		max: 65_535,
		description: "The port for health and metrics.",
	},
	{
		name: "tls.certificateFile",
		type: "text",
		default: "",
		description:
			"With it the main listener speaks TLS (1.2 or later): a PEM file with the certificate and those that lead to its authority. Read anew when it changes. Empty: HTTP, for a proxy in front that brings TLS.",
	},
	{
		name: "tls.keyFile",
		type: "text",
		default: "",
		description:
			"The PEM file with the private key of `tls.certificateFile`, without a passphrase; readable by its owner only.",
	},
	{
		name: "trustedProxies",
		type: "list",
		default: [],
		rule: networksRule,
		description: "Addresses or CIDR ranges of reverse proxies whose `X-Forwarded-For` is believed.",
	},
	{
		name: "outboundAllow",
		type: "list",
		default: [],
		rule: allowListRule,
		description:
			"Private targets that may be contacted: `host:port` or CIDR ranges. Everything else outgoing must be HTTPS, or a line with TLS, to a public address. Cannot be set by API.",
	},
	{
		name: "useLocalHttpAuthentication",
		type: "boolean",
		default: true,
		description: "Demand an HTTP user from providers whose type does not prove itself otherwise.",
	},
	{
		name: "sandbox",
		type: "boolean",
		default: true,
		description:
			"Offers simulated providers to administrators who want to try Parley. Nothing of it runs, and no address is allowed for it, until one of them starts it.",
	},
	{
		name: "serve",
		type: "list",
		default: serverNames,
		choices: serverNames,
		rule: filledRule,
		description: "The servers that run in this process.",
	},
	{
		name: "logLevel",
		type: "choice",
		default: "info",
		choices: logLevels,
		description: "The least important lines that are still written to the log.",
	},
	{
		name: "bodyBytesMax",
		type: "int",
		default: 2 * mebibyte,
		min: mebibyte,
		max: 64 * mebibyte,
		description: "The largest request body, in bytes. Larger ones are answered 413.",
	},
	{
		name: "retry.baseMs",
		type: "duration",
		default: second,
		min: 100,
		max: minute,
		description: "The upper bound of the first wait before a message is sent again; it doubles with each attempt.",
	},
	{
		name: "retry.capMs",
		type: "duration",
		default: 15 * minute,
		min: second,
		max: day,
		description: "The longest wait before a message is sent again.",
	},
	{
		name: "lease.ms",
		type: "duration",
		default: 20 * second,
		min: second,
		max: 10 * minute,
		description: "How long a process holds a row without renewing; afterwards another one takes it.",
	},
	{
		name: "breaker.failures",
		type: "int",
		default: 10,
		min: 1,
		max: 1000,
		description: "Failures in a row after which a messaging service stops sending but for a probe.",
	},
	{
		name: "breaker.probeMs",
		type: "duration",
		default: 30 * second,
		min: second,
		max: hour,
		description: "The time between two probes of a service that stopped sending.",
	},
	{
		name: "retention.requestDays",
		type: "int",
		default: 30,
		min: 1,
		max: 3650,
		description: "Days for which providers' requests are kept as they came in.",
	},
	{
		name: "retention.messageDays",
		type: "int",
		default: 365,
		min: 1,
		max: 36_500,
		description: "Days for which messages and conversations are kept, and chats from their end.",
	},
	{
		name: "retention.quarantineDays",
		type: "int",
		default: 7,
		min: 1,
		max: 365,
		description: "Days for which refused requests are kept for a person to look at.",
	},
	{
		name: "retention.eventDays",
		type: "int",
		default: 30,
		min: 1,
		max: 3650,
		description: "Days for which events, the deliveries of event webhooks, and security events are kept.",
	},
	{
		name: "retention.publicAttachmentDays",
		type: "int",
		default: 7,
		min: 1,
		max: 90,
		description:
			"Days for which the public address of a file that is sent works, counted from each try at sending. The original's _Retention Time for Public Attachments_.",
	},
	{
		name: "attachments.bytesMax",
		type: "int",
		default: 10 * mebibyte,
		min: 65_536,
		max: 64 * mebibyte,
		description:
			"The largest file that is taken, in bytes: uploaded to be sent, or sent by a contact. The original's _Max. Attachment File Size (MB)_.",
	},
	{
		name: "attachments.types",
		type: "list",
		default: [
			"image/jpeg",
			"image/png",
			"image/gif",
			"image/webp",
			"image/heic",
			"audio/*",
			"video/*",
			"application/pdf",
			"text/plain",
			"text/csv",
			"text/vcard",
			"text/x-vcard",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		],
		rule: mediaTypesRule,
		description:
			"Media types of files that are taken, in both directions; `image/*` is every image. What a file is, is seen by its first bytes where they tell. The original's _Allowed File Types_.",
	},
	{
		name: "chat.socketsMax",
		type: "int",
		default: 12_000,
		min: 10,
		max: 100_000,
		description:
			"The most sockets of agents and visitors that are open at once on this node; who comes after that is told to come again. The process must be allowed so many open files, and 5000 more.",
	},
	{
		name: "quarantine.rowsMax",
		type: "int",
		default: 10_000,
		min: 0,
		max: 1_000_000,
		description: "The most refused requests kept for one messaging service.",
	},
	{
		name: "quarantine.bytesMax",
		type: "int",
		default: 64 * mebibyte,
		min: 0,
		max: 4096 * mebibyte,
		description: "The most bytes of refused requests kept for one messaging service.",
	},
	{
		name: "session.idleMinutes",
		type: "int",
		default: 30,
		min: 1,
		max: 1440,
		description: "Minutes without use after which a browser session ends.",
	},
	{
		name: "session.absoluteHours",
		type: "int",
		default: 10,
		min: 1,
		max: 168,
		description: "Hours after which a browser session ends in any case.",
	},
	{
		name: "shutdown.drainMs",
		type: "duration",
		default: 10 * second,
		min: 0,
		max: minute,
		description: "How long work that is under way may go on when the process is told to stop.",
	},
	{
		name: "outbound.connectMs",
		type: "duration",
		default: 5 * second,
		min: 100,
		max: minute,
		description: "The time limit for look-up, connection and TLS handshake together.",
	},
	{
		name: "outbound.firstByteMs",
		type: "duration",
		default: 15 * second,
		min: 100,
		max: 2 * minute,
		description: "The time limit from the request to the first byte of the answer.",
	},
	{
		name: "outbound.totalMs",
		type: "duration",
		default: 30 * second,
		min: second,
		max: 5 * minute,
		description: "The time limit for an outgoing request from beginning to end.",
	},
] as const satisfies readonly Setting[];
