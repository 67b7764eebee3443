// Making an object by a POST: once, however often the button is pressed, and however often an answer is lost on its way.

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { isProblem } from "./problem.ts";
import { idempotent } from "./read.ts";

export type Making<Body, Made> = {
	make: (body: Body, key: RequestInit) => Promise<Made>;
	onMade: (made: Made) => unknown;
	onError?: (error: unknown) => void;
};

/** `start` does nothing while one is being made. The same body after a lost answer goes out under the same key. */
export function useMaking<Body, Made>({ make, onMade, onError }: Making<Body, Made>) {
	const lost = useRef<{ text: string; key: RequestInit } | undefined>(undefined);
	const isBusy = useRef(false);
	const mutation = useMutation({
		async mutationFn(body: Body) {
			const text = JSON.stringify(body);
			const key = lost.current?.text === text ? lost.current.key : idempotent();
			lost.current = { text, key };
			return make(body, key);
		},
		onSuccess: onMade,
		onError(error) {
			lost.current = isProblem(error, "unreachable") ? lost.current : undefined;
			onError?.(error);
		},
		onSettled() {
			isBusy.current = false;
		},
	});
	return {
		error: mutation.error,
		isPending: mutation.isPending,
		start(body: Body) {
			if (!isBusy.current) {
				isBusy.current = true;
				mutation.mutate(body);
			}
		},
	};
}
