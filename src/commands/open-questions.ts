// Questions to another thread, by number: each gets its answer, its failure, or the news that nobody answers any more.

type Question = { resolve(answer: never): void; reject(error: Error): void };

/** @param overBecause what those are told who ask when nobody answers any more */
export function openQuestions(overBecause: string) {
	const waiting = new Map<number, Question>();
	let lastNumber = 0;
	let isOver = false;
	const nobody = (): Error => new Error(overBecause);
	return {
		areHeard: () => !isOver,
		/** Nobody answers any more: what waits, and what is asked later, fails instead of waiting for ever. */
		end(): void {
			isOver = true;
			for (const { reject } of waiting.values()) {
				reject(nobody());
			}
			waiting.clear();
		},
		ask<Answer>(put: (number: number) => void): Promise<Answer> {
			lastNumber += 1;
			const number = lastNumber;
			return new Promise<Answer>((resolve, reject) => {
				if (isOver) {
					reject(nobody());
					return;
				}
				waiting.set(number, { resolve, reject });
				put(number);
			});
		},
		/** The question of that number, which is then answered. */
		of(number: number): Question | undefined {
			const question = waiting.get(number);
			waiting.delete(number);
			return question;
		},
	};
}
