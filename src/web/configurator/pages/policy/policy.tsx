// Authentication Policy: what is asked of everybody who signs in. One object, saved as a whole form.

import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetAuthenticationPolicy, rciPatchAuthenticationPolicy } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { SchemaFields } from "#web/ui/form/schema-fields.tsx";
import type { Fields } from "#web/ui/form/schema.ts";
import { StoredForm } from "#web/ui/form/stored-form.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useSession } from "../../shell/session.tsx";

export function PolicyPage() {
	const { t } = useTranslation("system");
	const { rights } = useSession();
	const policy = useQuery(read(["policy"], (options) => rciGetAuthenticationPolicy(options)));
	const fields = useFields();
	return (
		<Page title={t("policy.title")} lead={t("policy.lead")} isNarrow>
			<Stack maw={560}>
				<Asked query={policy}>
					{(answer) => (
						<StoredForm
							answer={answer}
							kind="policy"
							save={rciPatchAuthenticationPolicy}
							saved={t("policy.saved")}
							readOnlyBecause={rights.may("modify", "authenticationPolicy") ? undefined : t("policy.noRight")}
						>
							{(form) => <SchemaFields fields={fields} {...form} />}
						</StoredForm>
					)}
				</Asked>
			</Stack>
		</Page>
	);
}

/** Bounds as in `PATCH /authenticationPolicy`. */
function useFields(): Fields {
	const { t } = useTranslation("system");
	const number = (minimum: number, maximum: number, unit?: string) => ({
		type: "integer",
		minimum,
		maximum,
		...(unit === undefined ? {} : { "x-unit": unit }),
	});
	const words = (name: FieldName) => ({
		title: t(`policy.fields.${name}.title`),
		description: t(`policy.fields.${name}.help`),
	});
	return {
		minimumPasswordLength: { ...words("minimumPasswordLength"), ...number(8, 128) },
		passwordExpiryDays: { ...words("passwordExpiryDays"), ...number(0, 3650, t("policy.days")) },
		initialPasswordMustBeChanged: { ...words("initialPasswordMustBeChanged"), type: "boolean" },
		secondFactorRequired: {
			...words("secondFactorRequired"),
			type: "string",
			oneOf: (["nobody", "administrators", "everybody"] as const).map((who) => ({
				const: who,
				title: t(`policy.who.${who}`),
			})),
		},
		sessionIdleMinutes: { ...words("sessionIdleMinutes"), ...number(1, 1440, t("policy.minutes")) },
		sessionAbsoluteHours: { ...words("sessionAbsoluteHours"), ...number(1, 168, t("policy.hours")) },
	};
}

type FieldName =
	| "minimumPasswordLength"
	| "passwordExpiryDays"
	| "initialPasswordMustBeChanged"
	| "secondFactorRequired"
	| "sessionIdleMinutes"
	| "sessionAbsoluteHours";
