// Block Basics: what somebody is called, where they are, and whether the account counts.

import { useTranslation } from "react-i18next";
import { rciPatchUsersId } from "#web/api/rci.ts";
import type { Answer } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { SchemaField } from "#web/ui/form/schema-field.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";
import { type FieldsProps, StoredForm } from "#web/ui/form/stored-form.tsx";
import type { User } from "../../blocks/people-objects.ts";
import { toSent } from "./user-changes.ts";
import { UserFields } from "./user-fields.tsx";

export function BasicsBlock({ answer }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const { id, allowed } = answer.body;
	return (
		<Block title={t("blocks.basics")}>
			<StoredForm
				answer={answer}
				kind="users"
				save={(changed, match) => rciPatchUsersId(id, toSent(changed), match)}
				readOnlyBecause={allowed.includes("modify") ? undefined : t("users.mayNotModify")}
			>
				{(fields) => (
					<>
						<UserFields {...fields} />
						<EnabledField {...fields} />
					</>
				)}
			</StoredForm>
		</Block>
	);
}

function EnabledField({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("people");
	return (
		<SchemaField
			id={fieldId("/enabled")}
			schema={{ type: "boolean", title: t("fields.enabled"), description: t("fields.enabledHelp") }}
			value={values["enabled"]}
			onChange={(value) => onChange("enabled", value)}
			mistake={mistakes["/enabled"]}
			isReadOnly={isReadOnly}
		/>
	);
}
