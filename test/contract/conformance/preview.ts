// The preview of a draft, compared with what the connector really sends for the same service and message: nothing differs but
// ids and times, and where a secret or anything made of one is sent, the mask stands.

import type { HttpCall, StoredService } from "#connectors/contract.ts";
import { basicOf } from "#connectors/kit/oauth2.ts";
import {
	canPreview,
	type Draft,
	type Preview,
	previewOf,
	secretMask,
	type ShownRequest,
} from "#connectors/kit/preview.ts";
import type { ServiceId } from "#domain/ids.ts";
import { onStand } from "./sending.ts";
import { now, type Sending, type Stand } from "./stand.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

export async function previewIsWhatIsSent(subject: Subject): Promise<Findings> {
	if (!canPreview(subject.connector)) {
		return [];
	}
	return onStand(subject, async (stand) => {
		await stand.try({}); // An access token is at hand, so that the first request is the one that sends.
		const sending = await stand.try({});
		const preview = await previewOfSame(subject, stand, sending);
		const [call] = sending.calls;
		if (call === undefined || !preview.ok) {
			return [`no preview: ${preview.ok ? "nothing is sent" : `${preview.pointer} ${preview.message}`}`];
		}
		return [
			...differences(preview.request, call),
			...leaks(preview, sending.service.stored),
			...(await samplesAreTaken(subject)),
		];
	});
}

const tenMinutes = { timeToLiveMinutes: 10 }; // As long as the message of the stand is valid.

function previewOfSame({ connector }: Subject, stand: Stand, { message, service }: Sending): Promise<Preview> {
	const { stored } = service;
	const { ourAddress: from, contactAddress: to, channel, text } = message;
	const authentications = stored.authentications.map(({ authenticationId, secrets: [entered] }) => ({
		authenticationId,
		isSet: true,
		...(entered === undefined ? {} : { entered }),
	}));
	const draft = { ...stored, authentications, settings: { ...stored.settings, ...tenMinutes } };
	return previewOf(connector, draft, { from, to, channel, text, webhookUrl: stand.webhookUrl }, now);
}

/** A service made of the form's own examples makes a request of the message that its samples make. */
async function samplesAreTaken({ connector }: Subject): Promise<Findings> {
	const { serviceConnection, authentications } = connector.config.form;
	const draft: Draft = {
		id: "0".repeat(32) as ServiceId,
		serviceConnection: serviceConnection.example,
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: authentications.map(({ idExample }) => ({ authenticationId: idExample, isSet: false })),
	};
	const preview = await previewOf(connector, draft, { webhookUrl: "https://parley.example/sms/x/1" }, now);
	// Of a type that by its defaults sends nothing, that is what is told.
	return preview.ok || preview.pointer === ""
		? []
		: [`the samples make no request: ${preview.pointer} ${preview.message}`];
}

function differences(shown: ShownRequest, sent: HttpCall): Findings {
	const body = typeof sent.body === "string" ? sent.body : Buffer.from(sent.body ?? []).toString("utf8");
	const names = [shown.headers.map(({ name }) => name), Object.keys(sent.headers)].map((all) => all.toSorted().join());
	return [
		...(shown.method === sent.method ? [] : [`the method is ${shown.method}, sent is ${sent.method}`]),
		...(names[0] === names[1] ? [] : [`the headers are ${names[0] ?? ""}, sent are ${names[1] ?? ""}`]),
		...different("URL", shown.url, sent.url),
		...different("body", shown.body ?? "", body),
		...shown.headers.flatMap(({ name, value }) => different(`header ${name}`, value, sent.headers[name] ?? "")),
	];
}

/** Of the message and its attempt, also as a UUID; zeros stand for them. */
const ids = /0197f3a2(-?)b4c5-?7e6f-?8091-?a0b1c2d3e4f[67]/gi;

function different(what: string, shown: string, sent: string): Findings {
	const pieces = shown.split(secretMask).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
	const isSame = new RegExp(`^${pieces.join('[^\\s"&<]+')}$`, "u").test(
		sent.replaceAll(ids, "00000000$10000$10000$10000$1000000000000"),
	);
	return isSame ? [] : [`the ${what} is ${shown}, sent is ${sent}`];
}

/** As it is, in any way that it is written in a request, and in HTTP Basic. */
function leaks(preview: Preview, stored: StoredService): Findings {
	const shown = JSON.stringify(preview);
	const spellings = secretsOf(stored).flatMap((secret) => [
		secret,
		encodeURIComponent(secret),
		JSON.stringify(secret).slice(1, -1),
		...stored.authentications.map(({ authenticationId }) => basicOf(authenticationId, secret)),
	]);
	return [
		...(spellings.some((spelling) => shown.includes(spelling)) ? ["the preview tells a secret"] : []),
		...(/Hidden7q/.test(shown) ? ["the preview tells what stands in for a secret"] : []),
	];
}
