// The form over an object that is stored: what is entered waits for its button, a newer version is never overwritten, and who
// leaves before saving is asked.

import { Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, ifMatch, type Kind } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { LeaveGuard } from "../leave-guard.tsx";
import { tell } from "../notice.tsx";
import { mistakesOf } from "./mistakes.tsx";
import { focusFirstMistake, SaveButtons, SaveError } from "./saving.tsx";
import type { Mistakes, Values } from "./schema.ts";
import { useDraft } from "./use-draft.ts";

/** What fields need to be drawn. */
export type FieldsProps = {
	values: Values;
	onChange: (name: string, value: unknown) => void;
	mistakes: Mistakes;
	isReadOnly: boolean;
};

type StoredFormProps = {
	answer: Answer<Values>;
	/** Asked again when it is saved. */
	kind: Kind;
	save: (changed: Values, match: RequestInit) => Promise<unknown>;
	/** Said when it is saved. */
	saved?: string;
	/** Undefined: it may be changed. */
	readOnlyBecause: string | undefined;
	children: (fields: FieldsProps) => ReactNode;
};

export function StoredForm({ answer, kind, save, saved, readOnlyBecause, children }: StoredFormProps) {
	const { t } = useTranslation("ui");
	const renew = useRenew();
	const draft = useDraft(answer);
	const saving = useMutation({
		mutationFn: () => save(draft.changed, ifMatch(draft.etag)),
		async onSuccess() {
			await renew(kind);
			draft.drop();
			tell(saved ?? t("saved"));
		},
		onError: focusFirstMistake,
	});
	const drop = () => {
		draft.drop();
		saving.reset();
		void renew(kind);
	};
	const isReadOnly = readOnlyBecause !== undefined;
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				saving.mutate();
			}}
		>
			<LeaveGuard isDirty={draft.isDirty} />
			<Stack>
				{isReadOnly && <Text c="dimmed">{t("readOnly", { reason: readOnlyBecause })}</Text>}
				<SaveError error={saving.error} onLoadTheirs={drop} />
				{children({ values: draft.values, onChange: draft.set, mistakes: mistakesOf(saving.error), isReadOnly })}
				{!isReadOnly && <SaveButtons isDirty={draft.isDirty} isBusy={saving.isPending} onDrop={drop} />}
			</Stack>
		</form>
	);
}
