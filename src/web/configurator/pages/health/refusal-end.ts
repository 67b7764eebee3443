// How a call ended that proved nothing, by why that is and the mode it was judged under. Pure.

type Mode = "observe" | "warn" | "enforce";

/** Nothing is wrong with the call as far as the door can tell. */
const ownTrouble: ReadonlySet<string> = new Set(["clock_skew", "key_unknown", "secrets_locked", "logon_throttled"]);
/** No mode is lenient with them: the caller proved who it is. */
const alwaysRefused: ReadonlySet<string> = new Set(["replay", "foreign_account"]);

export function endOfRefusal(reason: string, mode: Mode): "refused" | "askedAgain" | "kept" | "keptWithAlarm" {
	if (ownTrouble.has(reason)) {
		return "askedAgain";
	}
	if (mode === "enforce" || alwaysRefused.has(reason)) {
		return "refused";
	}
	return mode === "warn" ? "keptWithAlarm" : "kept";
}
