// What the kit is run over: a connector with its fixtures, its README and its simulator. Every type that the registry
// names is a subject; a new connector is one without a change here.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RawRequest, StoredService } from "#connectors/contract.ts";
import { type Connector, connectorOf, serviceTypes } from "#connectors/registry.ts";
import type { StartSimulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { type Exceptions, exceptionsByType, secretsInAddresses } from "./exceptions.ts";
import { type Fixture, type LineFixture, readFixtures, readLineFixtures } from "./fixtures.ts";

/** What is wrong, one sentence each; empty: the connector conforms. */
export type Findings = readonly string[];

export type Subject = {
	/** Where the connector's sources, fixtures and README lie. */
	folder: string;
	connector: Connector<unknown>;
	fixtures: readonly Fixture[];
	/** Of a type with a line. */
	frames: readonly LineFixture[];
	readme: string;
	startSimulator: StartSimulator | undefined;
	exceptions: Exceptions;
	/** Why a secret stands in the addresses that the connector asks; undefined: none may. */
	secretInAddress: string | undefined;
};

const folders = join(import.meta.dirname, "../../../src/connectors");

export function registeredSubjects(): readonly Subject[] {
	return serviceTypes().map(subjectOf);
}

export function subjectOf(type: string): Subject {
	const connector = connectorOf(type);
	if (connector === undefined) {
		throw new Error(`The registry knows no type ${type}.`);
	}
	return subjectIn(join(folders, type), connector);
}

/** A connector with what lies beside it. The simulator is its own, or the registered one of its type. */
export function subjectIn(
	folder: string,
	connector: Connector<unknown>,
	startSimulator: StartSimulator | undefined = simulators[connector.type],
): Subject {
	return {
		folder,
		connector,
		fixtures: readFixtures(join(folder, "fixtures")),
		frames: readLineFixtures(join(folder, "fixtures")),
		readme: textIn(join(folder, "README.md")),
		startSimulator,
		exceptions: exceptionsByType[connector.type] ?? {},
		secretInAddress: secretsInAddresses[connector.type],
	};
}

function textIn(file: string): string {
	return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export function noSimulator({ connector }: Subject): string {
	return `there is no simulator for ${connector.type}: simulator.ts has to export startSimulator`;
}

/** What a type without signatures says of everything, and one that signs for some accounts only of the others. */
export const leftToHttpUser = "left to the HTTP user";

/** `ok`, why not, or what `verify` threw. */
export function verdictOf(connector: Connector<unknown>, raw: RawRequest, service: StoredService, now: Date): string {
	const { auth } = connector.inbound;
	if (auth.kind === "none") {
		return "ok";
	}
	try {
		const verdict = auth.verify?.(raw, connector.config.parse(service), now);
		return verdict === undefined ? leftToHttpUser : verdict.ok ? "ok" : verdict.why;
	} catch (error) {
		return `thrown: ${String(error)}`;
	}
}

const refusals = ["missing", "mismatch", "stale", "unready"];

export function isRefused(verdict: string): boolean {
	return refusals.includes(verdict);
}

/** The same service with other secrets in every authentication. */
export function withSecrets(
	service: StoredService,
	change: (secrets: readonly string[]) => readonly string[],
): StoredService {
	return {
		...service,
		authentications: service.authentications.map((entry) => ({ ...entry, secrets: change(entry.secrets) })),
	};
}

export function secretsOf(service: Pick<StoredService, "authentications">): readonly string[] {
	return service.authentications.flatMap((entry) => entry.secrets);
}
