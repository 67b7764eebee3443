// A new user group or role.

import { Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { idempotent } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import type { Values } from "#web/ui/form/schema.ts";
import { tell } from "#web/ui/notice.tsx";
import { Page } from "#web/ui/page.tsx";
import { NoRight } from "#web/ui/states.tsx";
import { keyOf, pathOf, pathOfOne } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";
import { bagCalls, type BagKind, createNeeds } from "./bag-calls.ts";
import { BagFields } from "./bag-fields.tsx";

export function NewBag({ kind }: { kind: BagKind }) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const mayCreate = createNeeds[kind].every((access) => rights.may(access, kind, "every"));
	return (
		<Page
			title={t(`bags.${kind}.add`)}
			lead={t(`bags.${kind}.lead`)}
			crumbs={[{ label: t(`bags.${kind}.title`), to: pathOf[kind] }]}
			isNarrow
		>
			{mayCreate ? <NewBagForm kind={kind} /> : <NoRight reason={t(`bags.${kind}.mayNotCreate`)} />}
		</Page>
	);
}

function NewBagForm({ kind }: { kind: BagKind }) {
	const { t } = useTranslation("people");
	const navigate = useNavigate();
	const renew = useRenew();
	const [values, setValues] = useState<Values & { name: string }>({ name: "" });
	const create = useMutation({
		mutationFn: () => bagCalls[kind].post(values, idempotent()),
		async onSuccess({ data }) {
			await renew(keyOf[kind]);
			tell(t("bags.created", { name: data.name }));
			await navigate({
				to: pathOfOne[kind],
				params: { id: data.id },
				search: { tab: kind === "role" ? "rights" : "members" },
			});
		},
		onError: focusFirstMistake,
	});
	return (
		<form
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				create.mutate();
			}}
		>
			<Stack>
				<SaveError error={create.error} />
				<Block title={t("blocks.basics")}>
					<BagFields
						kind={kind}
						values={values}
						onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
						mistakes={mistakesOf(create.error)}
						isReadOnly={false}
					/>
				</Block>
				<Button type="submit" w="fit-content" loading={create.isPending}>
					{t(`bags.${kind}.add`)}
				</Button>
			</Stack>
		</form>
	);
}
