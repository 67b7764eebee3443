// Tells a broken UNIQUE rule from every other error: it is how the database reports a lost race.

const sqliteUnique = new Set([1555, 2067]); // SQLITE_CONSTRAINT_PRIMARYKEY and _UNIQUE, https://sqlite.org/rescode.html
const postgresUnique = "23505"; // unique_violation

export function isUniqueViolation(error: unknown): boolean {
	if (!(error instanceof Error)) {
		return false;
	}
	const { errcode, code } = error as { errcode?: unknown; code?: unknown };
	return code === postgresUnique || (typeof errcode === "number" && sqliteUnique.has(errcode));
}
