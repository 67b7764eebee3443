// Block Basics of a group or role.

import { Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Answer, ifMatch } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { tell } from "#web/ui/notice.tsx";
import { LeaveGuard } from "../../blocks/leave-guard.tsx";
import { useDraft } from "../../blocks/use-draft.ts";
import { type Bag, keyOf } from "../../blocks/people-objects.ts";
import { focusFirstMistake, SaveButtons, SaveError } from "../../blocks/saving.tsx";
import { bagCalls, type BagKind } from "./bag-calls.ts";
import { BagFields } from "./bag-fields.tsx";

export function BagBasics({ kind, answer }: { kind: BagKind; answer: Answer<Bag> }) {
	const { t } = useTranslation(["people", "ui"]);
	const queries = useQueryClient();
	const draft = useDraft(answer);
	const { id, allowed } = answer.body;
	const isReadOnly = !allowed.includes("modify");
	const renew = () => queries.invalidateQueries({ queryKey: [keyOf[kind]] });
	const save = useMutation({
		mutationFn: () => bagCalls[kind].patch(id, draft.changed, ifMatch(draft.etag)),
		async onSuccess() {
			await renew();
			draft.drop();
			tell(t("people:saved"));
		},
		onError: focusFirstMistake,
	});
	const drop = () => {
		draft.drop();
		save.reset();
		void renew();
	};
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				save.mutate();
			}}
		>
			<LeaveGuard isDirty={draft.isDirty} />
			<Block title={t("people:blocks.basics")}>
				<Stack>
					{isReadOnly && <Text c="dimmed">{t("ui:readOnly", { reason: t(`people:bags.${kind}.mayNotModify`) })}</Text>}
					<SaveError error={save.error} onLoadTheirs={drop} />
					<BagFields
						kind={kind}
						id={id}
						values={draft.values}
						onChange={draft.set}
						mistakes={mistakesOf(save.error)}
						isReadOnly={isReadOnly}
					/>
					{!isReadOnly && <SaveButtons isDirty={draft.isDirty} isBusy={save.isPending} onDrop={drop} />}
				</Stack>
			</Block>
		</form>
	);
}
