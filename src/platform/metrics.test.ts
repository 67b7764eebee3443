import test from "node:test";
import assert from "node:assert/strict";
import { openMetrics } from "./metrics.ts";

test("what is counted appears under its name and labels", async () => {
	const metrics = openMetrics();
	metrics.webhook("facebook", 200);
	metrics.webhook("facebook", 200);
	metrics.refused("twilio", "mismatch");
	metrics.quarantined("twilio");
	metrics.attempt("twilio", "unknown");
	metrics.receipt("twilio", "late");
	metrics.audit("create");
	metrics.logon("wrong");
	metrics.groupCommit(7);
	metrics.alarm("disk", true);
	metrics.alarm("clock", false);
	const text = await metrics.text();
	const lines = [
		'parley_webhooks_total{type="facebook",status="200"} 2',
		'parley_webhooks_refused_total{type="twilio",reason="mismatch"} 1',
		'parley_quarantined_total{type="twilio"} 1',
		'parley_attempts_total{type="twilio",outcome="unknown"} 1',
		'parley_receipts_total{type="twilio",effect="late"} 1',
		'parley_audit_total{action="create"} 1',
		'parley_logons_total{outcome="wrong"} 1',
		'parley_group_commit_rows_bucket{le="5"} 0',
		'parley_group_commit_rows_bucket{le="10"} 1',
		'parley_alarm{name="disk"} 1',
		'parley_alarm{name="clock"} 0',
	];
	for (const line of lines) {
		assert.ok(text.includes(`${line}\n`), line);
	}
	assert.match(metrics.contentType, /^text\/plain/);
});

test("depths are read at each scrape, and one that cannot be read is left out and counted", async () => {
	const metrics = openMetrics();
	let rows = 3;
	let isAway = false;
	metrics.watchDepth("inbox", () => (isAway ? Promise.reject(new Error("away")) : Promise.resolve(rows)));
	assert.ok((await metrics.text()).includes('parley_depth_rows{table="inbox"} 3\n'));
	rows = 5;
	assert.ok((await metrics.text()).includes('parley_depth_rows{table="inbox"} 5\n'));
	isAway = true;
	const text = await metrics.text();
	assert.ok(!text.includes('parley_depth_rows{table="inbox"}'));
	assert.ok(text.includes('parley_scrape_failures_total{table="inbox"} 1\n'));
});

test("two sets of metrics do not share their counts", async () => {
	const one = openMetrics();
	one.logon("ok");
	assert.ok(!(await openMetrics().text()).includes("parley_logons_total{"));
});
