// Block Basics of a group or role.

import { useTranslation } from "react-i18next";
import type { Answer } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { StoredForm } from "#web/ui/form/stored-form.tsx";
import { type Bag, keyOf } from "../../blocks/people-objects.ts";
import { bagCalls, type BagKind } from "./bag-calls.ts";
import { BagFields } from "./bag-fields.tsx";

export function BagBasics({ kind, answer }: { kind: BagKind; answer: Answer<Bag> }) {
	const { t } = useTranslation("people");
	const { id, allowed } = answer.body;
	return (
		<Block title={t("blocks.basics")}>
			<StoredForm
				answer={answer}
				kind={keyOf[kind]}
				save={(changed, match) => bagCalls[kind].patch(id, changed, match)}
				readOnlyBecause={allowed.includes("modify") ? undefined : t(`bags.${kind}.mayNotModify`)}
			>
				{(fields) => <BagFields kind={kind} id={id} {...fields} />}
			</StoredForm>
		</Block>
	);
}
