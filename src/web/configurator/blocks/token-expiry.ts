// How near the end of an API token is. Pure.

const warningDays = [1, 7, 30] as const;
type Expiry = "ended" | "fine" | (typeof warningDays)[number];

const dayMs = 86_400_000;

export function expiryOf(expiresAt: string, nowMs: number): Expiry {
	const leftMs = Date.parse(expiresAt) - nowMs;
	return leftMs <= 0 ? "ended" : (warningDays.find((days) => leftMs <= days * dayMs) ?? "fine");
}
