// Fixtures of a connector folder: `<event>.http` is a request as received, `<event>.json` the service that received it,
// the verdict and the events it must give. Of a type with a line: `<event>.hex` is a frame as heard, `<event>.json` what it
// must be taken for.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HeardFrame, RawRequest, StoredService } from "#connectors/contract.ts";
import type { ServiceId } from "#domain/ids.ts";

export type Fixture = {
	name: string;
	raw: RawRequest;
	service: StoredService;
	now: Date;
	verdict: string;
	/** As JSON, dates as RFC 3339 texts. */
	events: unknown;
	/** Of types whose proof stands in parts of the request: those texts, and what they are judged by. */
	proof?: Proof | undefined;
};

/** `keys`: those that the provider publishes, which upkeep keeps. */
export type Proof = { texts: readonly string[]; by: "secret" | "keys" };

type Expected = {
	service: Omit<StoredService, "id"> & { id?: ServiceId };
	publicUrl: string;
	now: string;
	verdict: string;
	events: unknown;
	proof?: Proof;
};

const someServiceId = "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId;

/** What a type with a line must make of a frame; bytes in hexadecimal. */
export type LineFixture = {
	name: string;
	frame: Uint8Array;
	service: StoredService;
	opening: string;
	heard: Readonly<Record<string, unknown>> & { kind: HeardFrame["kind"] };
};

export function readLineFixtures(folder: string): readonly LineFixture[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith(".hex"))
		.toSorted()
		.map((file) => {
			const name = file.slice(0, -".hex".length);
			const hex = readFileSync(join(folder, file), "utf8").replaceAll(/\s/g, "");
			const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as LineFixture;
			const service = { ...expected.service, id: someServiceId };
			return { name, frame: Buffer.from(hex, "hex"), service, opening: expected.opening, heard: expected.heard };
		});
}

export function readFixtures(folder: string): readonly Fixture[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith(".http"))
		.toSorted()
		.map((file) => readFixture(folder, file.slice(0, -".http".length)));
}

function readFixture(folder: string, name: string): Fixture {
	const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Expected;
	return {
		name,
		raw: toRequest(readFileSync(join(folder, `${name}.http`)), expected.publicUrl),
		service: { id: someServiceId, ...expected.service },
		now: new Date(expected.now),
		verdict: expected.verdict,
		events: expected.events,
		proof: expected.proof,
	};
}

/** Lines end with LF; the body is what follows the first empty line, to the byte. */
function toRequest(received: Buffer, publicUrl: string): RawRequest {
	const blank = received.indexOf("\n\n");
	const end = blank === -1 ? received.length : blank;
	const [start = "", ...lines] = received.subarray(0, end).toString("utf8").split("\n");
	const [method = "", path = ""] = start.split(" ");
	const headers = lines.map((line): [string, string] => {
		const colon = line.indexOf(":");
		return [line.slice(0, colon), line.slice(colon + 1).trim()];
	});
	return { method, url: publicUrl + path, headers: new Headers([...headers]), body: received.subarray(end + 2) };
}
