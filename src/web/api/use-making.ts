// Making an object by a POST: once, however often the button is pressed, and however often an answer is lost on its way.

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { isProblem } from "./problem.ts";
import { idempotent } from "./read.ts";

type Making<Body, Made> = {
	make: (body: Body, key: RequestInit) => Promise<Made>;
	onMade: (made: Made) => unknown;
	onError?: (error: unknown) => void;
};

/** The key under which a body goes out. After a lost answer the same body has the same one, so that it makes nothing twice. */
export function useRepetitionKey() {
	const sent = useRef<{ text: string; key: RequestInit } | undefined>(undefined);
	return {
		keyFor(body: unknown): RequestInit {
			const text = JSON.stringify(body);
			const key = sent.current?.text === text ? sent.current.key : idempotent();
			sent.current = { text, key };
			return key;
		},
		/** How the call ended: with an answer, or with what was thrown. */
		ended(error?: unknown): void {
			sent.current = isProblem(error, "unreachable") ? sent.current : undefined;
		},
	};
}

/** `start` does nothing while one is being made. */
export function useMaking<Body, Made>({ make, onMade, onError }: Making<Body, Made>) {
	const { keyFor, ended } = useRepetitionKey();
	const isBusy = useRef(false);
	const mutation = useMutation({
		mutationFn: (body: Body) => make(body, keyFor(body)),
		onSuccess: onMade,
		onError: (error) => onError?.(error),
		onSettled(_made, error) {
			ended(error);
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
