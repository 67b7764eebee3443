// Block Basics: what somebody is called, where they are, and whether the account counts.

import { Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciPatchUsersId, type RciPatchUsersIdBody } from "#web/api/rci.ts";
import { type Answer, ifMatch } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { SchemaField } from "#web/ui/form/schema-field.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import { LeaveGuard } from "../../blocks/leave-guard.tsx";
import { useDraft } from "../../blocks/use-draft.ts";
import type { User } from "../../blocks/people-objects.ts";
import { focusFirstMistake, SaveButtons, SaveError } from "../../blocks/saving.tsx";
import { toSent } from "./user-changes.ts";
import { UserFields } from "./user-fields.tsx";

export function BasicsBlock({ answer }: { answer: Answer<User> }) {
	const { t } = useTranslation(["people", "ui"]);
	const queries = useQueryClient();
	const draft = useDraft(answer);
	const { id, allowed } = answer.body;
	const isReadOnly = !allowed.includes("modify");
	const renew = () => queries.invalidateQueries({ queryKey: ["users"] });
	const save = useMutation({
		mutationFn: () => rciPatchUsersId(id, toSent(draft.changed) as RciPatchUsersIdBody, ifMatch(draft.etag)),
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
	const mistakes = mistakesOf(save.error);
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
					{isReadOnly && <Text c="dimmed">{t("ui:readOnly", { reason: t("people:users.mayNotModify") })}</Text>}
					<SaveError error={save.error} onLoadTheirs={drop} />
					<UserFields values={draft.values} onChange={draft.set} mistakes={mistakes} isReadOnly={isReadOnly} />
					<SchemaField
						id={fieldId("/enabled")}
						schema={{
							type: "boolean",
							title: t("people:fields.enabled"),
							description: t("people:fields.enabledHelp"),
						}}
						value={draft.values["enabled"]}
						onChange={(value) => draft.set("enabled", value)}
						mistake={mistakes["/enabled"]}
						isReadOnly={isReadOnly}
					/>
					{!isReadOnly && <SaveButtons isDirty={draft.isDirty} isBusy={save.isPending} onDrop={drop} />}
				</Stack>
			</Block>
		</form>
	);
}
