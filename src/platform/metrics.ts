// What is counted, for Prometheus. Labels take words from closed lists only (types, outcomes, reasons), never an id or an
// address, so that the number of series stays small.

import { AggregatorRegistry, Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export type Metrics = {
	/** A provider's request was answered. */
	webhook(serviceType: string, status: number): void;
	/** A provider's request was refused at the door. */
	refused(serviceType: string, reason: string): void;
	quarantined(serviceType: string): void;
	/** An attempt at sending ended. */
	attempt(serviceType: string, outcome: "accepted" | "retry" | "rejected" | "unknown"): void;
	/** A try at telling a subscription of an event ended. */
	eventDelivery(outcome: "delivered" | "retry" | "failed"): void;
	/** A receipt was read; `effect` says what became of it (applied, late, unmatched, …). */
	receipt(serviceType: string, effect: string): void;
	/** An entry was added to the audit log. */
	audit(action: string): void;
	logon(outcome: string): void;
	/** Rows that shared one commit. */
	groupCommit(rows: number): void;
	alarm(name: string, isOn: boolean): void;
	/** The certificate of the main listener is valid until then. */
	certificateEnds(at: Date): void;
	/** Asked at each scrape; a rejection leaves the gauge out of that scrape and counts in `parley_scrape_failures_total`. */
	watchDepth(table: "inbox" | "outbox" | "event_deliveries", read: () => Promise<number>): void;
	/** What another thread counted, added to this one's at each scrape. */
	join(other: () => Promise<Counted>): void;
	/** All that was counted, for the thread that is scraped. */
	counted(): Promise<Counted>;
	/** The exposition text, and the content type that goes with it. */
	text(): Promise<string>;
	readonly contentType: string;
};

export type Counted = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** @param of what the process uses is counted by its first thread only */
export function openMetrics(of: "process" | "thread" = "process"): Metrics {
	const registry = new Registry();
	if (of === "process") {
		collectDefaultMetrics({ register: registry });
	}
	return { ...countersOf(registry), ...exposition(registry) };
}

type Exposition = "watchDepth" | "text" | "contentType" | "join" | "counted";
type Counting = Omit<Metrics, Exposition>;

function countersOf(registry: Registry): Counting {
	const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
		new Counter({ name, help, labelNames, registers: [registry] });
	const webhooks = counter("parley_webhooks_total", "Provider requests answered.", ["type", "status"]);
	const refused = counter("parley_webhooks_refused_total", "Provider requests refused.", ["type", "reason"]);
	const quarantined = counter("parley_quarantined_total", "Refused requests kept in the quarantine.", ["type"]);
	const attempts = counter("parley_attempts_total", "Attempts at sending, by outcome.", ["type", "outcome"]);
	const deliveries = counter("parley_event_deliveries_total", "Tries at event webhooks, by outcome.", ["outcome"]);
	const receipts = counter("parley_receipts_total", "Receipts read, by effect.", ["type", "effect"]);
	const audit = counter("parley_audit_total", "Entries added to the audit log.", ["action"]);
	const logons = counter("parley_logons_total", "Logons, by outcome.", ["outcome"]);
	const commits = new Histogram({
		name: "parley_group_commit_rows",
		help: "Rows that shared one commit.",
		buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
		registers: [registry],
	});
	const alarms = new Gauge({
		name: "parley_alarm",
		help: "1 while something needs a person, by name.",
		labelNames: ["name"],
		registers: [registry],
		aggregator: "max",
	});
	const certificates = new Gauge({
		name: "parley_tls_certificate_end_seconds",
		help: "When the certificate of a listener ends, as Unix time.",
		labelNames: ["listener"],
		registers: [registry],
		aggregator: "max",
	});
	return {
		webhook: (type, status) => webhooks.inc({ type, status: String(status) }),
		refused: (type, reason) => refused.inc({ type, reason }),
		quarantined: (type) => quarantined.inc({ type }),
		attempt: (type, outcome) => attempts.inc({ type, outcome }),
		eventDelivery: (outcome) => deliveries.inc({ outcome }),
		receipt: (type, effect) => receipts.inc({ type, effect }),
		audit: (action) => audit.inc({ action }),
		logon: (outcome) => logons.inc({ outcome }),
		groupCommit: (rows) => commits.observe(rows),
		certificateEnds: (at) => certificates.set({ listener: "main" }, at.getTime() / 1000),
		alarm: (name, isOn) => alarms.set({ name }, isOn ? 1 : 0),
	};
}

function exposition(registry: Registry): Pick<Metrics, Exposition> {
	const depths = new Gauge({
		name: "parley_depth_rows",
		help: "Rows that wait in a table.",
		labelNames: ["table"],
		registers: [registry],
	});
	const failures = new Counter({
		name: "parley_scrape_failures_total",
		help: "Gauges that could not be read.",
		labelNames: ["table"],
		registers: [registry],
	});
	const readers = new Map<string, () => Promise<number>>();
	const others: (() => Promise<Counted>)[] = [];
	return {
		join: (other) => {
			others.push(other);
		},
		counted: () => registry.getMetricsAsJSON(),
		contentType: registry.contentType,
		watchDepth: (table, read) => {
			readers.set(table, read);
		},
		async text() {
			for (const [table, read] of readers) {
				try {
					depths.set({ table }, await read());
				} catch {
					depths.remove({ table }); // A scrape must not fail because the database is away: counted instead.
					failures.inc({ table });
				}
			}
			if (others.length === 0) {
				return registry.metrics();
			}
			const counted = await Promise.all([registry.getMetricsAsJSON(), ...others.map((other) => other())]);
			return AggregatorRegistry.aggregate(counted).metrics();
		},
	};
}
