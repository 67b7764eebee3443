// The state of a form about a messaging service: what was entered, and what is wrong with it by field. A refused save keeps
// everything; a mistake goes away when its field is edited.

import { useRef, useState } from "react";
import type { ServiceType } from "#web/api/objects.ts";
import { ApiProblem, type FieldProblem, isProblem } from "#web/api/problem.ts";
import { focusField, mistakesOf } from "#web/ui/form/mistakes.tsx";
import type { Mistakes } from "#web/ui/form/schema.ts";
import { type FormDraft, type FormEntry, toFormPointer, withEntry } from "./draft.ts";
import { faultsIn } from "./faults.ts";
import { useServiceWords } from "./words.ts";

export type DraftForm = {
	type: ServiceType;
	draft: FormDraft;
	mistakes: Mistakes;
	/** What the last save was refused for; shown above the form. */
	error: unknown;
	/** @param pointer The field or part that is edited; mistakes of it are told no longer. */
	edit: (change: (draft: FormDraft) => FormDraft, pointer: string) => void;
	editEntry: (key: string, change: Partial<FormEntry>) => void;
	reset: (draft: FormDraft) => void;
	/** Somebody left the field: now it is told what is wrong with it. */
	touch: (pointer: string) => void;
	/** Tells everything that is wrong; true when nothing is. */
	demandRight: () => boolean;
	refuse: (error: unknown) => void;
};

export function useDraftForm(type: ServiceType, start: () => FormDraft): DraftForm {
	const words = useServiceWords(type);
	const [draft, setDraft] = useState(start);
	const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
	const [error, setError] = useState<unknown>();
	const [told, setTold] = useState<Mistakes>({});
	const frame = useRef(0);
	const faults = faultsIn(type, draft).map((fault) => ({ pointer: fault.pointer, message: words.fault(fault) }));
	const live = faults.filter(({ pointer }) => isWithin(pointer, touched));
	const showLater = (pointer: string | undefined) => {
		cancelAnimationFrame(frame.current);
		// A group of fields that is folded opens first.
		frame.current = requestAnimationFrame(() => pointer !== undefined && focusField(pointer));
	};
	const refuse = (thrown: unknown) => {
		const mapped = isProblem(thrown) ? inForm(thrown, (pointer) => toFormPointer(type, draft, pointer)) : thrown;
		setTold(mistakesOf(mapped));
		setError(isProblem(mapped) ? withLabels(mapped, (pointer) => words.labelOf(pointer, draft)) : mapped);
		showLater(isProblem(mapped) ? mapped.errors[0]?.pointer : undefined);
	};
	const edit: DraftForm["edit"] = (change, pointer) => {
		setDraft(change);
		setTold((mistakes) => withoutPart(mistakes, pointer));
	};
	return {
		type,
		draft,
		error,
		edit,
		refuse,
		mistakes: { ...told, ...Object.fromEntries(live.map(({ pointer, message }) => [pointer, message])) },
		editEntry: (key, change) => {
			const place = draft.authentications.findIndex((entry) => entry.key === key);
			edit((now) => withEntry(now, key, change), `/authentications/${place}`);
		},
		reset: (next) => {
			setDraft(next);
			setTouched(new Set());
			setError(undefined);
			setTold({});
		},
		touch: (pointer) => setTouched((now) => (now.has(pointer) ? now : new Set([...now, pointer]))),
		demandRight: () => {
			setError(undefined);
			setTold({});
			if (faults.length > 0) {
				setTouched(new Set(faults.map(({ pointer }) => pointer)));
				setError(
					withLabels(new ApiProblem(422, "invalid_configuration", "", { errors: faults }), (pointer) =>
						words.labelOf(pointer, draft),
					),
				);
				showLater(faults[0]?.pointer);
			}
			return faults.length === 0;
		},
	};
}

function isWithin(pointer: string, touched: ReadonlySet<string>): boolean {
	return [...touched].some((one) => pointer === one || pointer.startsWith(`${one}/`));
}

function withoutPart(mistakes: Mistakes, pointer: string): Mistakes {
	return Object.fromEntries(
		Object.entries(mistakes).filter(([one]) => one !== pointer && !one.startsWith(`${pointer}/`)),
	);
}

function inForm(problem: ApiProblem, toPointer: (pointer: string) => string): ApiProblem {
	return withErrors(
		problem,
		problem.errors.map(({ pointer, message }) => ({ pointer: toPointer(pointer), message })),
	);
}

/** Above the form, a sentence needs to say which field it is about. */
export function withLabels(problem: ApiProblem, labelOf: (pointer: string) => string): ApiProblem {
	return withErrors(
		problem,
		problem.errors.map(({ pointer, message }) => ({ pointer, message: `${labelOf(pointer)}: ${message}` })),
	);
}

function withErrors(problem: ApiProblem, errors: readonly FieldProblem[]): ApiProblem {
	const { status, code, message, correlationId, retryAfterSeconds } = problem;
	return new ApiProblem(status, code, message, { errors, correlationId, retryAfterSeconds });
}
