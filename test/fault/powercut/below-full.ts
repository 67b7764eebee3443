// Loaded before Parley by the control runs (`node --import`): SQLite syncs its log only now and then, while every question
// about it is answered as if it did so at each commit. What a power cut then loses shows that the test can see a loss.

import { DatabaseSync, StatementSync } from "node:sqlite";

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (text) {
	exec.call(this, text.replace(/synchronous\s*=\s*(FULL|EXTRA|2|3)/i, "synchronous = NORMAL"));
};
const get = StatementSync.prototype.get;
StatementSync.prototype.get = function (this: StatementSync, ...values: unknown[]) {
	const row = Reflect.apply(get, this, values) as ReturnType<typeof get>;
	return row !== undefined && "synchronous" in row ? { ...row, synchronous: 2 } : row;
};
