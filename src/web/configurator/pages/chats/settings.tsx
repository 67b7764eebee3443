// Chat settings: what holds for all chats. One object, saved as a whole form.

import { PasswordInput, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetChatSettings, rciPatchChatSettings } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { fieldId, mistakeAt, SchemaFields } from "#web/ui/form/schema-fields.tsx";
import type { Fields } from "#web/ui/form/schema.ts";
import { type FieldsProps, StoredForm } from "#web/ui/form/stored-form.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useSession } from "../../shell/session.tsx";

export function ChatSettingsPage() {
	const { t } = useTranslation("chats");
	const { rights } = useSession();
	const settings = useQuery(read(["chatSettings"], (options) => rciGetChatSettings(options)));
	const fields = useFields();
	return (
		<Page title={t("settings.title")} lead={t("settings.lead")} isNarrow>
			<Stack maw={560}>
				<Asked query={settings}>
					{(answer) => (
						<StoredForm
							answer={answer}
							kind="chatSettings"
							save={rciPatchChatSettings}
							readOnlyBecause={rights.may("modify", "chatSettings") ? undefined : t("settings.noRight")}
						>
							{(form) => (
								<>
									<SchemaFields fields={fields} {...form} />
									<IdentitySecret {...form} />
								</>
							)}
						</StoredForm>
					)}
				</Asked>
			</Stack>
		</Page>
	);
}

function IdentitySecret({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	const isSet = values["widgetIdentitySecretSet"] === true;
	return (
		<PasswordInput
			id={fieldId("/widgetIdentitySecret")}
			label={t("settings.fields.widgetIdentitySecret.title")}
			description={t("settings.fields.widgetIdentitySecret.help")}
			placeholder={t(isSet ? "settings.secretSet" : "settings.secretNotSet")}
			value={typeof values["widgetIdentitySecret"] === "string" ? values["widgetIdentitySecret"] : ""}
			onChange={(event) => onChange("widgetIdentitySecret", event.currentTarget.value)}
			error={mistakeAt(mistakes, "/widgetIdentitySecret")}
			readOnly={isReadOnly}
			autoComplete="new-password"
		/>
	);
}

const names = [
	"chatsPerAgent",
	"agentLostSeconds",
	"visitorGoneSeconds",
	"statisticsSeconds",
	"attachmentBytesMax",
	"attachmentTypes",
	"widgetOrigins",
	"widgetIdentityRequired",
	"agentOrigins",
] as const;

/** Bounds as in `PATCH /chatSettings`. */
function useFields(): Fields {
	const { t } = useTranslation("chats");
	const seconds = t("units.seconds");
	const number = (minimum: number, maximum: number, unit?: string) => ({
		type: "integer",
		minimum,
		maximum,
		...(unit === undefined ? {} : { "x-unit": unit }),
	});
	const list = { type: "array", items: { type: "string" } };
	const schemas = {
		chatsPerAgent: number(1, 50),
		agentLostSeconds: number(10, 3600, seconds),
		visitorGoneSeconds: number(10, 86_400, seconds),
		statisticsSeconds: number(1, 300, seconds),
		attachmentBytesMax: number(1024, 104_857_600, t("units.bytes")),
		attachmentTypes: list,
		widgetOrigins: list,
		agentOrigins: list,
		widgetIdentityRequired: { type: "boolean" },
	};
	return Object.fromEntries(
		names.map((name) => [
			name,
			{ ...schemas[name], title: t(`settings.fields.${name}.title`), description: t(`settings.fields.${name}.help`) },
		]),
	);
}
