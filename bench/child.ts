// A process of its own that answers questions: what is measured, what loads it and what it talks to must not share an
// event loop.

import { fork } from "node:child_process";
import { join } from "node:path";

export type Child = {
	/** @param onMark called for each mark the child sets while it works on this question */
	ask<T>(question: unknown, onMark?: (mark: string) => void): Promise<T>;
	end(): Promise<void>;
};

type Question = { id: number; question: unknown };
type Said = { id: number; mark: string } | { id: number; answer: unknown } | { id: number; error: string };
type Open = { resolve(answer: unknown): void; reject(error: Error): void; onMark: (mark: string) => void };

/** @param file beside this one */
export function startChild(file: string): Child {
	const child = fork(join(import.meta.dirname, file), [], {
		serialization: "advanced",
		execArgv: [],
		stdio: ["ignore", "ignore", "inherit", "ipc"],
	});
	const open = new Map<number, Open>();
	let lastId = 0;
	const ended = new Promise<void>((resolve) => {
		child.once("exit", () => {
			for (const { reject } of open.values()) {
				reject(new Error(`${file} ended in the middle of its work.`));
			}
			resolve();
		});
	});
	child.on("message", (said) => hear(said as Said, open));
	return {
		ask<T>(question: unknown, onMark: (mark: string) => void = () => undefined) {
			lastId += 1;
			const id = lastId;
			return new Promise<T>((resolve, reject) => {
				open.set(id, { resolve: (answer) => resolve(answer as T), reject, onMark });
				child.send({ id, question } satisfies Question);
			});
		},
		async end() {
			if (child.connected) {
				child.disconnect();
			}
			await ended;
		},
	};
}

function hear(said: Said, open: Map<number, Open>): void {
	const asked = open.get(said.id);
	if (asked === undefined) {
		return;
	}
	if ("mark" in said) {
		asked.onMark(said.mark);
		return;
	}
	open.delete(said.id);
	if ("error" in said) {
		asked.reject(new Error(said.error));
	} else {
		asked.resolve(said.answer);
	}
}

/** The other end: answers until the parent is gone. */
export function answerQuestions(
	answer: (question: unknown, setMark: (mark: string) => void) => Promise<unknown>,
	atEnd: () => void = () => undefined,
): void {
	const say = (said: Said): void => void process.send?.(said);
	process.on("message", (message) => {
		const { id, question } = message as Question;
		answer(question, (mark) => say({ id, mark })).then(
			(answered) => say({ id, answer: answered }),
			(error: unknown) => say({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
		);
	});
	process.on("disconnect", atEnd);
}
