// The Kolmogorov–Smirnov test against the even distribution on [0, 1): how probable it is that values which are spread
// evenly lie at least as unevenly as these. Small: they are spread otherwise.

export function evenness(values: readonly number[]): number {
	const count = values.length;
	const distance = Math.max(
		...values
			.toSorted((one, other) => one - other)
			.map((value, index) => Math.max(value - index / count, (index + 1) / count - value)),
	);
	// Stephens' approximation of the limiting distribution, good from five values on (Numerical Recipes, section 14.3).
	const lambda = (Math.sqrt(count) + 0.12 + 0.11 / Math.sqrt(count)) * distance;
	let sum = 0;
	for (let k = 1; k <= 100; k++) {
		sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda);
	}
	return lambda < 0.2 ? 1 : Math.min(1, Math.max(0, sum)); // Below that the series does not end in a hundred terms.
}
