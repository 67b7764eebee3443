// The further settings of a service in groups. What is rarely needed is folded; a group with a mistake opens by itself.

import { Accordion, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldsOf } from "#web/ui/form/schema.ts";
import { GroupFields } from "./basics-block.tsx";
import { isSame, settingsOf } from "./draft.ts";
import type { DraftForm } from "./use-draft-form.ts";

const groups = ["sending", "receiving", "advanced"] as const;
type GroupName = (typeof groups)[number];

export function SettingsBlock({ form, isReadOnly = false }: { form: DraftForm; isReadOnly?: boolean }) {
	const { t } = useTranslation("service");
	const [open, setOpen] = useState<readonly string[]>(["sending", "receiving"]);
	const { type, draft, mistakes } = form;
	const shown = groups.filter((group) => fieldsOf(settingsOf(type), group, draft.settings).length > 0);
	const wrong = shown.filter((group) =>
		fieldsOf(settingsOf(type), group, draft.settings).some(([name]) => `/settings/${name}` in mistakes),
	);
	return (
		<Accordion
			multiple
			order={2}
			variant="separated"
			value={[...new Set([...open, ...wrong])]}
			onChange={(value) => setOpen(value)}
		>
			{shown.map((group) => (
				<Accordion.Item key={group} value={group}>
					<Accordion.Control>
						<Group gap="sm" align="baseline">
							<Text fw={600}>{t(`groups.${group}`)}</Text>
							<Text size="sm" c="dimmed">
								<GroupSummary form={form} group={group} />
							</Text>
						</Group>
					</Accordion.Control>
					<Accordion.Panel>
						<GroupFields form={form} group={group} isReadOnly={isReadOnly} />
					</Accordion.Panel>
				</Accordion.Item>
			))}
		</Accordion>
	);
}

function GroupSummary({ form: { type, draft }, group }: { form: DraftForm; group: GroupName }) {
	const { t } = useTranslation("service");
	const fields = fieldsOf(settingsOf(type), group, draft.settings);
	const own = fields.filter(([name, { default: usual }]) => !isSame(draft.settings[name] ?? usual, usual));
	const count = t("groupCount", { count: fields.length });
	return own.length === 0 ? count : `${count}, ${t("groupOwn", { count: own.length })}`;
}
