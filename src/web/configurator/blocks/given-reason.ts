// The body of an act that takes a reason: without one, an empty object.

export function given(reason: string): { reason?: string } {
	return reason === "" ? {} : { reason };
}
