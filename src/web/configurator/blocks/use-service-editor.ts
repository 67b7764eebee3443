// Changing a stored messaging service: what was stored when the editing began, what is stored now, and how both come
// together. Nothing of somebody else's is ever overwritten, and nothing typed is ever lost.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { rciPatchMessagingServicesId } from "#web/api/rci.ts";
import { type Answer, ifMatch, toAnswer } from "#web/api/read.ts";
import { errorText } from "#web/ui/error-text.ts";
import { tell, warn } from "#web/ui/notice.tsx";
import { changesOf, losesSecrets } from "./changes.ts";
import { draftOf, type FormDraft, isChanged, patchOf, type ServicePatch, wayBackOf } from "./draft.ts";
import { mergeOf, type Taken } from "./merge.ts";
import { serviceQuery } from "./service-queries.ts";
import { type DraftForm, useDraftForm } from "./use-draft-form.ts";
import { useServiceWords } from "./words.ts";

export type ServiceEditor = {
	form: DraftForm;
	/** What the draft is compared with. */
	base: MessagingService;
	isDirty: boolean;
	/** Somebody else's version that does not merge by itself. */
	theirs: Answer<MessagingService> | undefined;
	isMerging: boolean;
	openMerge: () => void;
	closeMerge: () => void;
	/** What the server told about the last save. */
	notes: readonly string[];
	dismissNotes: () => void;
	/** Resolves true when it is stored. */
	save: () => Promise<boolean>;
	saveMerged: (draft: FormDraft) => Promise<boolean>;
	discard: () => void;
	/** A change that does not go through the form, such as the switch. */
	adopt: (answer: Answer<MessagingService>) => void;
};

type Store = { service: MessagingService; etag: string | null };

export function useServiceEditor(type: ServiceType, answer: Answer<MessagingService>): ServiceEditor {
	const [base, setBase] = useState<Store>({ service: answer.body, etag: answer.etag });
	const [notes, setNotes] = useState<readonly string[]>([]);
	const [isMerging, setMerging] = useState(false);
	const form = useDraftForm(type, () => draftOf(answer.body, type));
	const adopt = useAdopt(type, { form, setBase, setNotes });
	const undo = useUndo(adopt);
	const isNewer = answer.etag !== base.etag && answer.body.updatedAt >= base.service.updatedAt;
	useRebase({ type, answer, base, form, setBase, isNewer });
	const theirs = isNewer ? answer : undefined;
	const refresh = useFreshService(answer.body.id);
	const { t } = useTranslation("service");

	const put = async (draft: FormDraft, over: Store): Promise<boolean> => {
		const patch = patchOf(type, draft, over.service);
		if (Object.keys(patch).length === 0) {
			adopt({ body: over.service, etag: over.etag, next: null });
			tell(t("merge.none"));
			return true;
		}
		try {
			const saved = await patched(over.service.id, patch, over.etag);
			const loses = losesSecrets(changesOf(type, over.service, draft));
			adopt(saved);
			setNotes(saved.body.notes);
			setMerging(false);
			tell(t(loses ? "savedLoses" : "saved"), () => void undo(over.service, saved, loses));
			return true;
		} catch (error) {
			if (isProblem(error, "precondition_failed")) {
				await refresh();
				setMerging(true);
			} else {
				setMerging(false);
				form.refuse(error);
			}
			return false;
		}
	};
	return {
		form,
		base: base.service,
		isDirty: isChanged(type, form.draft, base.service),
		theirs,
		isMerging: isMerging && theirs !== undefined,
		openMerge: () => setMerging(true),
		closeMerge: () => setMerging(false),
		notes,
		dismissNotes: () => setNotes([]),
		save: () => put(form.draft, base),
		saveMerged: (draft) => {
			if (theirs === undefined) {
				return Promise.resolve(false);
			}
			const over = { service: theirs.body, etag: theirs.etag };
			setBase(over);
			form.reset(draft);
			return put(draft, over);
		},
		discard: () => adopt(theirs ?? { body: base.service, etag: base.etag, next: null }),
		adopt,
	};
}

async function patched(id: string, patch: ServicePatch, etag: string | null): Promise<Answer<MessagingService>> {
	const { authentications, ...others } = patch;
	const list = authentications === undefined ? {} : { authentications: authentications.map((entry) => ({ ...entry })) };
	return toAnswer(await rciPatchMessagingServicesId(id, { ...others, ...list }, ifMatch(etag)));
}

type AdoptInput = { form: DraftForm; setBase: (store: Store) => void; setNotes: (notes: readonly string[]) => void };

/** The form goes on from what is stored now. An answer that was asked for earlier must not come in afterwards. */
function useAdopt(type: ServiceType, { form, setBase, setNotes }: AdoptInput) {
	const queries = useQueryClient();
	return (stored: Answer<MessagingService>) => {
		const { queryKey } = serviceQuery(stored.body.id);
		void queries.cancelQueries({ queryKey });
		queries.setQueryData(queryKey, stored);
		setBase({ service: stored.body, etag: stored.etag });
		setNotes([]);
		form.reset(draftOf(stored.body, type));
	};
}

function useFreshService(id: string) {
	const queries = useQueryClient();
	return () => queries.fetchQuery({ ...serviceQuery(id), staleTime: 0 });
}

function useUndo(adopt: (answer: Answer<MessagingService>) => void) {
	const { t } = useTranslation("service");
	return async (before: MessagingService, saved: Answer<MessagingService>, loses: boolean) => {
		try {
			adopt(await patched(before.id, wayBackOf(before, saved.body), saved.etag));
			tell(t(loses ? "undoneLoses" : "undone"));
		} catch (error) {
			warn(isProblem(error, "precondition_failed") ? t("undoTooLate") : errorText(error));
		}
	};
}

type RebaseInput = {
	type: ServiceType;
	answer: Answer<MessagingService>;
	base: Store;
	form: DraftForm;
	setBase: (store: Store) => void;
	isNewer: boolean;
};

/** A newer version comes in: what does not touch what was typed is taken over at once, and told. */
function useRebase({ type, answer, base, form, setBase, isNewer }: RebaseInput): void {
	const { t } = useTranslation("service");
	const { labelOf } = useServiceWords(type);
	const seen = useRef<string | null>(null);
	useEffect(() => {
		if (!isNewer || seen.current === answer.etag) {
			return;
		}
		seen.current = answer.etag;
		const { conflicts, taken, merged } = mergeOf({
			type,
			before: base.service,
			theirs: answer.body,
			mine: form.draft,
		});
		if (conflicts.length > 0) {
			return;
		}
		const wasDirty = isChanged(type, form.draft, base.service);
		setBase({ service: answer.body, etag: answer.etag });
		form.reset(merged({}));
		if (wasDirty && taken.length > 0) {
			tell(t("merge.takenOver", { fields: namesOf(taken, labelOf) }));
		}
	}, [type, answer, base, form, setBase, isNewer, t, labelOf]);
}

function namesOf(taken: readonly Taken[], labelOf: (pointer: string) => string): string {
	return [...new Set(taken.map(({ pointer }) => labelOf(pointer)))].join(", ");
}
