// A check of one messaging service: is there a way to the provider, does it know us, is everything registered as we expect,
// and is there a way back? Steps build on each other; the first that fails for good ends the questions behind it.

import { type CheckStep, type CheckStepName, checkSteps, type HttpAnswer, type Tools } from "#connectors/contract.ts";
import type { Clock } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import { mayConnect, parseAllowList, targetOf } from "#platform/outbound-rules.ts";
import { failed, passed } from "./check-step.ts";
import type { OpenService } from "./open-service.ts";
import { lineAddressProblem, lineSteps } from "./check-line.ts";
import { hiderOf, toolsFor, type ToolDeps } from "./tools.ts";

export type CheckDeps = ToolDeps & { clock: Clock; log: Log };

const skewMax = 60; // Seconds; providers allow 300, and a clock that is off by a minute will be off by five.

/** @param tell hears of each step when it is known */
export async function checkService(
	service: OpenService,
	deps: CheckDeps,
	tell: (step: CheckStep) => Promise<void>,
): Promise<void> {
	const hide = hiderOf(service);
	const { tools } = toolsFor(service, deps);
	for await (const step of stepsOf(service, tools, deps)) {
		await tell({ ...step, evidence: hide(step.evidence) });
	}
}

async function* stepsOf(service: OpenService, tools: Tools, deps: CheckDeps): AsyncGenerator<CheckStep> {
	if (service.line !== undefined) {
		const lack = lineAddressProblem(service) ?? lackOf(service);
		const steps = lack === undefined ? await lineSteps(service, tools) : [lack];
		yield* steps;
		yield* steps.every(({ ok }) => ok) ? await atProvider(service, tools, deps) : [];
		return;
	}
	const ways = await Promise.all(addressesOf(service).map((address) => wayTo(address, tools)));
	const shut = ways.find((steps) => steps.some(({ ok }) => !ok));
	yield* shut ?? ways.flat().toSorted(byStep);
	if (shut !== undefined) {
		return;
	}
	yield* await atProvider(service, tools, deps);
	yield await wayBack(service, tools);
}

/** Service Connection and Authentication URL, once where both lead to one place. */
function addressesOf({ stored }: OpenService): readonly string[] {
	const addresses = [stored.serviceConnection, stored.authenticationUrl ?? ""].filter((address) => address !== "");
	const origins = addresses.map((address) => URL.parse(address)?.origin ?? address);
	return addresses.filter((_, index) => origins.indexOf(origins[index] ?? "") === index);
}

function byStep(one: CheckStep, other: CheckStep): number {
	return checkSteps.indexOf(one.step) - checkSteps.indexOf(other.step);
}

/** Can the provider's host be reached, and does its clock agree with ours? */
async function wayTo(address: string, tools: Tools): Promise<CheckStep[]> {
	const url = URL.parse(address);
	if (url === null || !/^https?:$/.test(url.protocol)) {
		return [
			failed("address", "address_unreadable", `${address} is no web address.`, "Enter it as the provider gives it."),
		];
	}
	const answer = await tools.http({ method: "GET", url: `${url.origin}/`, headers: { accept: "*/*" } });
	return answer.kind === "answered" ? reached(url, answer.headers, tools.now()) : [unreached(url.host, answer)];
}

function reached(url: URL, headers: Headers, now: Date): CheckStep[] {
	const isPlain = url.protocol === "http:";
	return [
		passed("address", `${url.origin} may be called.`),
		passed("dns", `${url.hostname} has an address.`),
		isPlain && !isInternal(url)
			? {
					...failed("tls", "not_encrypted", `${url.origin} is not encrypted.`, "Use the provider's https address."),
					ok: true, // Some gateways offer nothing else; the service view warns of it.
				}
			: passed("tls", isPlain ? "Plain HTTP within the own network." : "The certificate is valid."),
		clockStep(headers.get("date"), now),
	];
}

function clockStep(date: string | null, now: Date): CheckStep {
	const told = Date.parse(date ?? "");
	if (Number.isNaN(told)) {
		return passed("clock", "The provider tells no time.");
	}
	const skew = Math.round((told - now.getTime()) / 1000);
	return Math.abs(skew) <= skewMax
		? passed("clock", `Our clock and the provider's differ by ${Math.abs(skew)} s.`)
		: failed(
				"clock",
				"clock_skew",
				`Our clock is ${Math.abs(skew)} s ${skew > 0 ? "behind" : "ahead of"} the provider's.`,
				"Set this machine's clock by NTP; signatures and tokens depend on it.",
			);
}

type Unanswered = Exclude<HttpAnswer, { kind: "answered" }>;

const unreachedSteps: Readonly<
	Record<Unanswered["why"], [step: CheckStepName, code: string, says: string, advice: string]>
> = {
	blocked: [
		"address",
		"address_blocked",
		"may not be called: it is in an internal network.",
		"Name it in the setting outboundAllow if it is meant.",
	],
	dns: ["dns", "dns_failed", "has no address in the DNS.", "Look for a typing error, or see to this machine's DNS."],
	refused: [
		"tls",
		"connection_refused",
		"refuses the connection.",
		"Look for a typing error in the port, or a firewall on the way.",
	],
	tls: [
		"tls",
		"tls_failed",
		"has no certificate that is valid for it.",
		"Look for a typing error in the host, or for a proxy that opens TLS on the way.",
	],
	timeout: [
		"tls",
		"connection_timeout",
		"does not answer in time.",
		"Look for a firewall that drops packets on the way.",
	],
	reset: ["tls", "connection_reset", "closed the connection.", "Try again; then look for a proxy on the way."],
	"too large": [
		"tls",
		"answer_too_large",
		"answers with more than we read.",
		"See whether this is the provider's address.",
	],
};

function unreached(host: string, { why }: Unanswered): CheckStep {
	const [step, code, says, advice] = unreachedSteps[why];
	return failed(step, code, `${host} ${says}`, advice);
}

/** What only the connector can ask. */
async function atProvider(service: OpenService, tools: Tools, deps: CheckDeps): Promise<readonly CheckStep[]> {
	const lack = lackOf(service);
	if (lack !== undefined) {
		return [lack];
	}
	if (service.check === undefined) {
		return [];
	}
	try {
		return await service.check(tools);
	} catch (error) {
		deps.log.error("A connector failed while checking.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
			error: describeError(error),
		});
		return [
			failed("credentials", "check_failed", "The check itself failed.", "The log of the SMS Server has the cause."),
		];
	}
}

function lackOf(service: OpenService): CheckStep | undefined {
	if (service.isLocked) {
		const advice = "Give this machine the key ring under which they were stored.";
		return failed("credentials", "secrets_locked", "The secrets of the service cannot be opened.", advice);
	}
	const lack = service.cannotSend();
	return lack === undefined ? undefined : failed("credentials", "incomplete", lack, "Complete the configuration.");
}

/** The provider calls us at the public URL: at least from here it must lead to us. */
async function wayBack({ webhookUrl, stored }: OpenService, tools: Tools): Promise<CheckStep> {
	const url = new URL(webhookUrl);
	const provider = URL.parse(stored.serviceConnection);
	// A gateway in the own network calls an address there, and plain HTTP does: so does the sandbox.
	const isMeant = isInternal(url) && provider !== null && isInternal(provider);
	const fault = isMeant ? undefined : publicUrlFault(url);
	if (fault !== undefined) {
		return fault;
	}
	// Where no provider calls, so that it counts as nobody's refused call: a file that does not exist, below /sms/ as well.
	const beside = new URL("../richcontent/check", url).href;
	const answer = await tools.http({ method: "GET", url: beside, headers: { accept: "*/*" } });
	if (answer.kind !== "answered") {
		return isMeant && answer.why === "blocked" ? untried(url) : unreachable(url, answer);
	}
	return answer.headers.has("correlation-id")
		? passed("publicUrl", `${url.origin} leads to this server.`)
		: failed(
				"publicUrl",
				"public_url_elsewhere",
				`${webhookUrl} is answered by something else (HTTP ${answer.status}).`,
				"Let the proxy pass /sms/ on to this server, or mend publicBaseUrl and basePath.",
			);
}

/** What can be seen by looking at it. */
function publicUrlFault(url: URL): CheckStep | undefined {
	if (isInternal(url)) {
		return failed(
			"publicUrl",
			"public_url_private",
			`The webhook URL ${url.href} leads into an internal network.`,
			"Set publicBaseUrl to the address at which providers reach this server.",
		);
	}
	return url.protocol === "https:"
		? undefined
		: failed(
				"publicUrl",
				"public_url_not_https",
				`The webhook URL ${url.href} is not encrypted; most providers refuse it.`,
				"Put a proxy with a certificate before this server, and set publicBaseUrl to its https address.",
			);
}

function unreachable(url: URL, answer: Unanswered): CheckStep {
	return { ...unreached(url.host, answer), step: "publicUrl", code: "public_url_unreachable" };
}

function untried({ origin }: URL): CheckStep {
	return {
		...failed(
			"publicUrl",
			"public_url_untried",
			`${origin} is in an internal network, as the provider is, and may not be called from here.`,
			"Name it in the setting outboundAllow to have it tried.",
		),
		ok: true,
	};
}

const nothingAllowed = parseAllowList([]);

/** By its spelling: an address of a private network, or this machine's own name. */
function isInternal({ hostname }: URL): boolean {
	const target = targetOf(`https://${hostname}/`, nothingAllowed);
	const literal = target?.literal;
	return target === undefined || (literal !== undefined && !mayConnect(target, [literal], nothingAllowed));
}
