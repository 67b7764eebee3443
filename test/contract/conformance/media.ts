// How a connector gets the files that contacts send: whatever the provider answers, it only reads, a few times, tells its
// credentials to nobody else, and never throws. Whom it may ask at all is the gateway's to hold; here it is watched too.

import type { HttpAnswer, HttpCall, MediaAnswer, Tools } from "#connectors/contract.ts";
import type { Connector } from "#connectors/registry.ts";
import type { Attachment } from "#domain/messages.ts";
import { isMediaAddress, mediaHostsPattern } from "#domain/media-hosts.ts";
import type { Fixture } from "./fixtures.ts";
import { type Findings, secretsOf, type Subject } from "./subject.ts";

type Media = NonNullable<Connector<unknown>["media"]>;

const callsMax = 4;
const elsewhere = "https://files.elsewhere.example/1";
const inside = "http://169.254.169.254/latest/meta-data";

/** What the provider says, each time. A JSON answer names places in every way that a type knows. */
const answers: readonly { name: string; answer: HttpAnswer; ends: readonly MediaAnswer["kind"][] }[] = [
	{ name: "a redirect to elsewhere", answer: redirect(elsewhere), ends: ["failed"] },
	{ name: "a redirect inside", answer: redirect(inside), ends: ["failed"] },
	{ name: "a redirect to nowhere", answer: redirect("::"), ends: ["failed", "retry"] },
	{ name: "places elsewhere", answer: places(elsewhere, "../../etc/passwd"), ends: ["failed", "retry", "fetched"] },
	{ name: "places inside", answer: places(inside, "photos/..%2f..%2f1.jpg"), ends: ["failed", "retry", "fetched"] },
	{ name: "nonsense", answer: answered(200, "\u0000{"), ends: ["retry", "fetched"] },
	{ name: "404", answer: answered(404), ends: ["retry"] },
	{ name: "410", answer: answered(410), ends: ["failed"] },
	{ name: "401", answer: answered(401), ends: ["retry"] },
	{ name: "429", answer: answered(429), ends: ["retry"] },
	{ name: "503", answer: answered(503), ends: ["retry"] },
	{ name: "no connection", answer: { kind: "notSent", why: "refused" }, ends: ["retry"] },
	{ name: "a cut", answer: { kind: "unclear", why: "reset" }, ends: ["retry"] },
	{ name: "too much", answer: { kind: "unclear", why: "too large" }, ends: ["failed"] },
	{ name: "not allowed", answer: { kind: "notSent", why: "blocked" }, ends: ["failed"] },
];

function answered(status: number, body = "", headers: Record<string, string> = {}): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(headers), body: new TextEncoder().encode(body) };
}

function redirect(location: string): HttpAnswer {
	return answered(307, "", { location });
}

function places(url: string, path: string): HttpAnswer {
	return answered(200, JSON.stringify({ url, media_url: url, link: url, result: { file_path: path } }));
}

export async function filesAreHadDecently(subject: Subject): Promise<Findings> {
	const { media } = subject.connector;
	const attached = subject.fixtures.flatMap((fixture) =>
		attachmentsIn(fixture).map((attachment) => ({ fixture, attachment })),
	);
	if (media === undefined) {
		return attached.map(({ fixture }) => `${fixture.name}: a message has a file, and nobody says how it is had`);
	}
	const findings = media.hosts
		.filter((host) => !new RegExp(mediaHostsPattern).test(host))
		.map((host) => `${host} is no name of a host`);
	for (const { fixture, attachment } of attached) {
		findings.push(...(await watched(subject, media, { fixture, attachment })));
	}
	return findings;
}

function attachmentsIn({ verdict, events }: Fixture): readonly Attachment[] {
	const all = verdict === "ok" && Array.isArray(events) ? (events as { attachments?: Attachment[] }[]) : [];
	return all.flatMap(({ attachments }) => attachments ?? []);
}

type Attached = { fixture: Fixture; attachment: Attachment };

async function watched({ connector }: Subject, media: Media, { fixture, attachment }: Attached): Promise<Findings> {
	const findings: string[] = [];
	const config = connector.config.parse(fixture.service);
	const secrets = secretsOf(fixture.service);
	// Invented hosts of fixtures, as if an administrator had declared them.
	const hosts = [...media.hosts, URL.parse(attachment.url)?.hostname ?? ""];
	const sources = { serviceConnection: fixture.service.serviceConnection, hosts };
	for (const { name, answer, ends } of answers) {
		const calls: HttpCall[] = [];
		const tools = toolsThatSay(answer, calls, (url) => isMediaAddress(url, sources));
		const says = (what: string) => findings.push(`${fixture.name}, ${name}: ${what}`);
		const end = await ending(() => media.fetch(attachment, config, tools));
		if (typeof end === "string") {
			says(`it throws ${end}`);
			continue;
		}
		if (!ends.includes(end.kind) && calls.length > 0) {
			says(`it ends ${end.kind}`);
		}
		if ("detail" in end && secrets.some((secret) => end.detail.includes(secret))) {
			says("a secret stands in what is told");
		}
		if (calls.length > callsMax || calls.some(({ method }) => method !== "GET")) {
			says(`it calls ${calls.map(({ method }) => method).join(", ")}`);
		}
		for (const call of calls.filter(({ url }) => !isMediaAddress(url, sources))) {
			if (carries(call, secrets)) {
				says(`credentials were meant for ${URL.parse(call.url)?.origin ?? call.url}`);
			}
		}
	}
	return findings;
}

/** What it says, or what it throws. */
async function ending(fetch: () => Promise<MediaAnswer>): Promise<MediaAnswer | string> {
	try {
		return await fetch();
	} catch (error) {
		return String(error);
	}
}

/** As the gateway's: what is not declared is not asked. */
function toolsThatSay(answer: HttpAnswer, calls: HttpCall[], isDeclared: (url: string) => boolean): Tools {
	return {
		http(call) {
			calls.push(call);
			return Promise.resolve(isDeclared(call.url) ? answer : { kind: "notSent", why: "blocked" });
		},
		token: () => Promise.resolve({ ok: false, outcome: { kind: "retry", code: "credentials", detail: "None." } }),
		dropToken: () => undefined,
		now: () => new Date("2026-11-24T12:00:00.000Z"),
	};
}

function carries({ url, headers }: HttpCall, secrets: readonly string[]): boolean {
	const said = `${url} ${JSON.stringify(headers)}`;
	const inBasic = Object.values(headers).map((value) => Buffer.from(value.replace(/^Basic /, ""), "base64").toString());
	return (
		"authorization" in headers || secrets.some((secret) => [said, ...inBasic].some((text) => text.includes(secret)))
	);
}
