// The list as data: which services are shown, and in which order.

import type { MessagingService, ServiceState } from "#web/api/objects.ts";
import type { HealthOfService } from "../../blocks/health-queries.ts";

export type ServiceRow = { service: MessagingService; typeLabel: string; health: HealthOfService | undefined };
export type Wanted = { find?: string; state?: string; type?: string };

/** The figures may tell a newer state than the service did when it was fetched. */
export function withNewerState(service: MessagingService, health: HealthOfService | undefined): MessagingService {
	return health === undefined || !service.enabled
		? service
		: { ...service, state: health.state, stateBecause: health.because, stateAction: health.action };
}

/** Worst first: what a person looks for when they sort by state. */
export const statesByNeed = [
	"failing",
	"unauthorised",
	"degraded",
	"draft",
	"connecting",
	"paused",
	"ready",
] as const satisfies readonly ServiceState[];

/** As a filter: states in which somebody has to do something. */
export const attention = "attention";
const needy: ReadonlySet<ServiceState> = new Set(["failing", "unauthorised", "degraded", "draft"]);

export function isInState(state: ServiceState, wanted: string | undefined): boolean {
	return wanted === undefined || state === wanted || (wanted === attention && needy.has(state));
}

/** Every word has to be somewhere in the name, the type, the id or an Authentication ID. */
export function wantedRows(rows: readonly ServiceRow[], { find = "", state, type }: Wanted): readonly ServiceRow[] {
	const words = find.toLowerCase().split(/\s+/).filter(Boolean);
	return rows.filter(
		({ service, typeLabel }) =>
			isInState(service.state, state) &&
			(type === undefined || service.type === type) &&
			(words.length === 0 || hasWords(service, typeLabel, words)),
	);
}

function hasWords(
	{ id, name, type, authentications }: MessagingService,
	typeLabel: string,
	words: readonly string[],
): boolean {
	const entries = authentications.map(({ authenticationId }) => authenticationId);
	const text = [name, type, typeLabel, id, ...entries].join("\n").toLowerCase();
	return words.every((word) => text.includes(word));
}

type Value = string | number;
/** What a row is sorted by. A service of which nothing is known comes before those that did something. */
const valueOf: Readonly<Record<string, (row: ServiceRow) => Value>> = {
	name: ({ service }) => service.name,
	type: ({ typeLabel }) => typeLabel,
	state: ({ service }) => statesByNeed.indexOf(service.state),
	lastInbound: ({ health }) => health?.lastInbound ?? "",
	lastOutbound: ({ health }) => health?.lastOutbound ?? "",
	backlog: ({ health }) => (health === undefined ? -1 : health.backlog.outgoing + health.backlog.incoming),
	errorRate: ({ health }) => health?.errorRate ?? -1,
};

/** @param sort as in the address: `name`, `-name`; what is equal stays in the order of the names */
export function sortedRows(rows: readonly ServiceRow[], sort: string, language: string): readonly ServiceRow[] {
	const words = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
	const isDown = sort.startsWith("-");
	const value = valueOf[isDown ? sort.slice(1) : sort] ?? valueOf["name"];
	const keyed = rows.map((row) => ({ row, key: value?.(row) ?? "" }));
	keyed.sort((one, other) => {
		const order = compared(one.key, other.key, words);
		return (isDown ? -order : order) || words.compare(one.row.service.name, other.row.service.name);
	});
	return keyed.map(({ row }) => row);
}

function compared(one: Value, other: Value, words: Intl.Collator): number {
	return typeof one === "number" && typeof other === "number" ? one - other : words.compare(String(one), String(other));
}
