// Fetches the files that contacts sent, before the provider forgets them. One try at a time for each file, on one node; what
// it brought is kept only if its size and what it shows itself to be are allowed.

import type { MediaAnswer, Tools } from "#connectors/contract.ts";
import { essenceOf, isCovered, plainFilename, typeOfFile } from "#domain/file-types.ts";
import { tooManyPoints } from "#domain/image-size.ts";
import { isMediaAddress, type MediaSources, namedHost, toMediaHosts } from "#domain/media-hosts.ts";
import { describeError } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import {
	claimMedia,
	type DropReason,
	endMediaClaim,
	type MediaClaim,
	type MediaEnd,
	servicesWithWork,
} from "#storage/attachments.ts";
import type { DeliveryDeps } from "./deliveries.ts";
import type { OpenService } from "./open-service.ts";
import type { ServiceBook } from "./service-book.ts";
import { storable } from "./storable.ts";
import { hiderOf, type ToolDeps, toolsFor } from "./tools.ts";

export type MediaDeps = Pick<DeliveryDeps, "storage" | "signals" | "clock" | "log"> &
	ToolDeps & { services: ServiceBook; limits: MediaLimits };

export type MediaLimits = { bytesMax: number; types: readonly string[] };

const pollMs = 1000;
const inAllMax = 4; // Each holds its file in memory twice while it comes in.
const perServiceMax = 2;
const callsPerTryMax = 4;
const leaseMs = 180_000; // Longer than four calls with their time limits: whoever has it longer is gone.
// After the first try, the second, … A link of WhatsApp is made anew by each try; others live for days as documented.
const waitsMs = [5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000];
export const triesMax = waitsMs.length + 1;

type Floor = { deps: MediaDeps; running: Map<Promise<void>, string> };

export function startMedia(deps: MediaDeps): RunningWorker {
	const floor: Floor = { deps, running: new Map() };
	const worker = startWorker(
		{
			name: "Media",
			pollMs,
			round: () => beginDue(floor),
			listen: (wake) => deps.signals.listen("media", wake),
		},
		deps,
	);
	return {
		async stop() {
			await worker.stop();
			await Promise.all(floor.running.keys());
		},
	};
}

async function beginDue(floor: Floor): Promise<boolean> {
	const { deps, running } = floor;
	if (running.size >= inAllMax) {
		return false; // Whatever ends looks for the next one.
	}
	for (const id of await servicesWithWork(deps.storage.db, deps.clock.now())) {
		const service = deps.services.byId(id);
		const ofService = [...running.values()].filter((other) => other === id).length;
		const limit = Math.min(perServiceMax - ofService, inAllMax - running.size);
		// A service that is switched off, or whose secrets cannot be opened, asks for nothing.
		if (service?.enabled === true && !service.isLocked && limit > 0) {
			const options = { serviceId: id, limit, now: deps.clock.now(), leaseMs };
			const claims = await deps.storage.write((tx) => claimMedia(tx, options));
			claims.forEach((claim) => begin(claim, service, floor));
		}
	}
	return false;
}

function begin(claim: MediaClaim, service: OpenService, { deps, running }: Floor): void {
	const work = fetchOne(claim, service, deps).finally(() => {
		running.delete(work);
		deps.signals.nudge("media");
	});
	running.set(work, service.id);
}

/** Never rejects. */
async function fetchOne(claim: MediaClaim, service: OpenService, deps: MediaDeps): Promise<void> {
	const { storage, clock, log, signals } = deps;
	const facts = { server: "SMS Server" as const, serviceId: service.id, messageId: claim.messageId };
	try {
		const answer = await askForFile(claim, service, deps);
		const end = storableEnd(settleMedia(claim, answer, { limits: deps.limits, now: clock.now() }), service);
		const isOurs = await storage.write((tx) => endMediaClaim(tx, claim, end, clock.now()));
		if (isOurs && end.state === "failed") {
			log.warn("A file that a contact sent could not be kept.", { ...facts, code: end.reason });
		}
		signals.nudge("events");
	} catch (error) {
		// The lease ends by itself, and the file is asked for again.
		log.error("What came of a file could not be stored.", { ...facts, error: describeError(error) });
	}
}

/** `undeclared`: nobody was asked. */
export type Asked = MediaAnswer | { kind: "undeclared"; detail: string };

/** One try. Never rejects. */
export async function askForFile(
	claim: Pick<MediaClaim, "attempts" | "attachment" | "messageId">,
	service: OpenService,
	deps: ToolDeps & Pick<MediaDeps, "limits" | "log">,
): Promise<Asked> {
	const { attachment } = claim;
	if (service.media === undefined || attachment === undefined) {
		return { kind: "failed", why: "not allowed", detail: "Files of this type of service are not fetched." };
	}
	const sources = sourcesOf(service, service.media.hosts);
	if (!isMediaAddress(attachment.url, sources)) {
		return elsewhere(attachment.url);
	}
	if (claim.attempts > triesMax) {
		return { kind: "failed", why: "gone", detail: "It was tried too often." }; // The tries before ended the process.
	}
	try {
		return await service.media.fetch(attachment, mediaTools(service, sources, deps));
	} catch (error) {
		deps.log.error("A connector failed while it fetched a file.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
			messageId: claim.messageId,
			error: describeError(error),
		});
		return { kind: "failed", why: "gone", detail: "The connector failed; the log of the SMS Server has the cause." };
	}
}

function sourcesOf({ stored, settings }: OpenService, hosts: readonly string[]): MediaSources {
	return { serviceConnection: stored.serviceConnection, hosts: [...hosts, ...toMediaHosts(settings.mediaHosts)] };
}

/** Nobody is asked; but the time in which it would be is left to an administrator, who may declare that host. */
function elsewhere(address: string): Asked {
	const host = namedHost(address);
	return host === undefined
		? { kind: "failed", why: "not allowed", detail: "It lies at no address that is ever asked." }
		: { kind: "undeclared", detail: `It lies at ${host}, which is not among the hosts of this service (mediaHosts).` };
}

/**
 * Only GET, only declared hosts, and not for ever; but a token is had as for a send, where an administrator said. Its
 * sockets are not those by which the service sends.
 */
function mediaTools(service: OpenService, sources: MediaSources, deps: ToolDeps & Pick<MediaDeps, "limits">): Tools {
	const { wayOut, limits } = deps;
	const lane = `${service.id} media`;
	const wide = {
		...wayOut,
		request: (call: Parameters<typeof wayOut.request>[0]) =>
			wayOut.request({ ...call, lane, answerBytesMax: limits.bytesMax }),
	};
	const { tools } = toolsFor(service, { ...deps, wayOut: wide });
	let callsLeft = callsPerTryMax;
	let isForToken = false;
	return {
		...tools,
		token: (key, fetch) =>
			tools.token(key, async () => {
				isForToken = true;
				try {
					return await fetch();
				} finally {
					isForToken = false;
				}
			}),
		http(call) {
			if (isForToken) {
				return tools.http(call);
			}
			callsLeft -= 1;
			return callsLeft >= 0 && call.method === "GET" && isMediaAddress(call.url, sources)
				? tools.http(call)
				: Promise.resolve({ kind: "notSent", why: "blocked" });
		},
	};
}

type Given = Pick<MediaClaim, "attempts" | "attachment">;

/** What follows from an answer. Pure. */
export function settleMedia(
	claim: Given,
	answer: Asked,
	{ limits, now }: { limits: MediaLimits; now: Date },
): MediaEnd {
	switch (answer.kind) {
		case "fetched":
			return settleFetched(claim, answer, limits);
		case "failed":
			return { state: "failed", reason: reasons[answer.why], detail: answer.detail };
		case "undeclared":
			return later(claim, { reason: "NOTALLOWED", detail: answer.detail }, now);
		case "retry": {
			const because = { reason: "DOWNLOADFAILED" as const, detail: answer.detail };
			return later(claim, because, now, answer.notBefore);
		}
	}
}

type Because = { reason: DropReason; detail: string };

function later({ attempts }: Given, because: Because, now: Date, notBefore: Date = now): MediaEnd {
	const waitMs = waitsMs[attempts - 1];
	return waitMs === undefined
		? { state: "failed", ...because }
		: { state: "waiting", ...because, notBefore: new Date(Math.max(now.getTime() + waitMs, notBefore.getTime())) };
}

const reasons = { gone: "DOWNLOADFAILED", "not allowed": "NOTALLOWED", "too large": "TOOLARGE" } as const;

function settleFetched(
	{ attachment }: Given,
	{ body, contentType, filename }: Extract<MediaAnswer, { kind: "fetched" }>,
	{ bytesMax, types }: MediaLimits,
): MediaEnd {
	if (body.length > bytesMax) {
		return { state: "failed", reason: "TOOLARGE", detail: "It is larger than what is taken." };
	}
	if (body.length === 0) {
		return { state: "failed", reason: "DOWNLOADFAILED", detail: "There is nothing in it." };
	}
	const type = typeOfFile(usefulType(contentType) ?? attachment?.contentType, body);
	if (!isCovered(type, types)) {
		return { state: "failed", reason: "NOTALLOWED", detail: `Files of the type ${type} are not taken.` };
	}
	const trouble = tooManyPoints(body);
	if (trouble !== undefined) {
		return { state: "failed", reason: "TOOLARGE", detail: trouble };
	}
	return {
		state: "kept",
		file: { contentType: type, filename: plainFilename(filename ?? attachment?.filename, type), content: body },
	};
}

/** Many a store says of everything that it is bytes. */
function usefulType(contentType: string | undefined): string | undefined {
	const essence = essenceOf(contentType);
	return essence === "application/octet-stream" || essence === "binary/octet-stream" ? undefined : essence;
}

function storableEnd(end: MediaEnd, service: OpenService): MediaEnd {
	return end.state === "kept" ? end : { ...end, detail: storable(hiderOf(service)(end.detail)) };
}
