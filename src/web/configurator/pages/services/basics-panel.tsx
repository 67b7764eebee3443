// The form of a service without its authentications: fields on the left, what to do at the provider beside them.

import { Card, List, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ServiceType } from "#web/api/objects.ts";
import { BasicsBlock } from "../../blocks/basics-block.tsx";
import { plainOf } from "../../blocks/draft.ts";
import { PreviewBlock } from "../../blocks/preview-block.tsx";
import { SettingsBlock } from "../../blocks/settings-block.tsx";
import type { DraftForm } from "../../blocks/use-draft-form.ts";
import "../../blocks/service-form.css";

type BasicsPanelProps = { form: DraftForm; serviceId?: string; isReadOnly?: boolean };

export function BasicsPanel({ form, serviceId, isReadOnly = false }: BasicsPanelProps) {
	return (
		<div className="service-form">
			<Stack gap="xl">
				<BasicsBlock form={form} isReadOnly={isReadOnly} />
				<SettingsBlock form={form} isReadOnly={isReadOnly} />
				<Preview form={form} {...(serviceId === undefined ? {} : { serviceId })} />
			</Stack>
			<TypeNotes type={form.type} />
		</div>
	);
}

export function Preview({ form, serviceId }: { form: DraftForm; serviceId?: string }) {
	const { type, draft } = form;
	if (!type.hasPreview) {
		return null;
	}
	return <PreviewBlock type={type} draft={plainOf(type, draft)} {...(serviceId === undefined ? {} : { serviceId })} />;
}

export function TypeNotes({ type }: { type: ServiceType }) {
	const { t } = useTranslation("service");
	return (
		<Card component="aside" withBorder padding="md" aria-label={t("add.needs")}>
			<Stack gap="sm">
				<Title order={2} size="h5">
					{type.label}
				</Title>
				<Text size="sm">{type.help}</Text>
				<Title order={3} size="h6">
					{t("add.needs")}
				</Title>
				<List type="ordered" size="sm" spacing="xs" className="type-notes">
					{type.webhook.steps.map((step) => (
						<List.Item key={step}>{step}</List.Item>
					))}
				</List>
			</Stack>
		</Card>
	);
}
