// A new user group or role.

import { Button, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRenew } from "#web/api/renew.ts";
import { useMaking } from "#web/api/use-making.ts";
import { Block } from "#web/ui/block.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { focusFirstMistake, SaveError } from "#web/ui/form/saving.tsx";
import type { Values } from "#web/ui/form/schema.ts";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
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

const nameless = { name: "" };

function NewBagForm({ kind }: { kind: BagKind }) {
	const { t } = useTranslation("people");
	const navigate = useNavigate();
	const renew = useRenew();
	const [values, setValues] = useState<Values & { name: string }>(nameless);
	const isLeaving = useRef(false);
	const create = useMaking({
		make: bagCalls[kind].post,
		async onMade({ data }) {
			await renew(keyOf[kind]);
			isLeaving.current = true;
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
				create.start(values);
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
			<LeaveGuard isDirty={values !== nameless} isLeaving={isLeaving} />
		</form>
	);
}
