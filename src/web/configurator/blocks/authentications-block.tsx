// The authentications of a service, kind by kind as its type's rules say: who proves themselves with it, how many there may
// be, and what one looks like.

import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowDownLeft, IconArrowsExchange, IconArrowUpRight, IconPlus } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { type FormEntry, blankEntry, ruleOf, withoutEntry } from "./draft.ts";
import { EntryFields } from "./entry-fields.tsx";
import { inFormOrder, isLiteral, type Rule } from "./entry-rules.ts";
import type { DraftForm } from "./use-draft-form.ts";
import { titleOf } from "./words.ts";

type AuthenticationsBlockProps = {
	form: DraftForm;
	service?: MessagingService | undefined;
	isReadOnly?: boolean;
};

export function AuthenticationsBlock({ form, service, isReadOnly = false }: AuthenticationsBlockProps) {
	const { t } = useTranslation("service");
	const others = form.draft.authentications.filter((entry) => ruleOf(form.type, entry) === undefined);
	return (
		<Stack gap="lg">
			<div>
				<Title order={2} size="h3">
					{t("authentications")}
				</Title>
				<Text c="dimmed" size="sm">
					{t("authenticationsLead")}
				</Text>
			</div>
			{inFormOrder(form.type.authentications).map((rule) => (
				<RuleSection key={rule.role} form={form} rule={rule} service={service} isReadOnly={isReadOnly} />
			))}
			{others.length > 0 && <OtherEntries form={form} entries={others} isReadOnly={isReadOnly} />}
		</Stack>
	);
}

type SectionProps = { form: DraftForm; rule: Rule; service: MessagingService | undefined; isReadOnly: boolean };

function RuleSection({ form, rule, service, isReadOnly }: SectionProps) {
	const { t } = useTranslation("service");
	const heading = useId();
	const entries = form.draft.authentications.filter(({ role }) => role === rule.role);
	return (
		<section aria-labelledby={heading}>
			<Stack gap="xs">
				<div>
					<Group gap="sm" align="baseline">
						<Title order={3} size="h5" id={heading}>
							{titleOf(rule)}
						</Title>
						<Text size="xs" c="dimmed">
							<Count rule={rule} />
						</Text>
					</Group>
					<Direction direction={rule.direction} />
					<Text size="sm" c="dimmed" maw="46rem">
						{rule.description}
						{!isLiteral(rule) && ` ${t("idHelp", { shape: capitalised(rule.idShape) })}`}
					</Text>
				</div>
				{entries.length === 0 && <Text size="sm">{t("noEntry")}</Text>}
				{entries.map((entry, index) => (
					<EntryFields
						key={entry.key}
						form={form}
						rule={rule}
						entry={entry}
						number={index + 1}
						stored={service?.authentications.find(({ id }) => id === entry.id)}
						isReadOnly={isReadOnly}
					/>
				))}
				{!isReadOnly && <AddEntry form={form} rule={rule} count={entries.length} />}
			</Stack>
		</section>
	);
}

function capitalised(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

function Count({ rule: { min, max } }: { rule: Rule }) {
	const { t } = useTranslation("service");
	if (min === 0) {
		return max === 1 ? t("count.atMostOne") : t("count.upTo", { max });
	}
	return min === 1 && max === 1 ? t("count.one") : t("count.some", { min, max });
}

const arrows = { outgoing: IconArrowUpRight, incoming: IconArrowDownLeft, both: IconArrowsExchange } as const;

function Direction({ direction }: { direction: string }) {
	const { t } = useTranslation("service");
	const known = direction in arrows ? (direction as keyof typeof arrows) : "both";
	const Icon = arrows[known];
	return (
		<Group gap={4} c="dimmed">
			<Icon size={16} aria-hidden className="mirrors" />
			<Text size="sm">{t(`direction.${known}`)}</Text>
		</Group>
	);
}

function AddEntry({ form, rule, count }: { form: DraftForm; rule: Rule; count: number }) {
	const { t } = useTranslation("service");
	if (count >= rule.max) {
		return isLiteral(rule) || rule.min === rule.max ? null : (
			<Text size="sm" c="dimmed">
				{t("full", { count: rule.max })}
			</Text>
		);
	}
	const add = () => {
		const key = `new ${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
		form.edit(
			(draft) => ({ ...draft, authentications: [...draft.authentications, blankEntry(rule, key)] }),
			"/authentications",
		);
	};
	return (
		<Button
			w="fit-content"
			size="compact-md"
			variant="default"
			leftSection={<IconPlus size={16} aria-hidden />}
			onClick={add}
		>
			{t("addEntry", { what: titleOf(rule) })}
		</Button>
	);
}

type OtherProps = { form: DraftForm; entries: readonly FormEntry[]; isReadOnly: boolean };

function OtherEntries({ form, entries, isReadOnly }: OtherProps) {
	const { t } = useTranslation("service");
	return (
		<Alert color="gray" variant="light" title={t("otherEntries")}>
			<Stack gap="xs">
				<Text size="sm">{t("otherEntriesLead")}</Text>
				{entries.map(({ key, authenticationId }) => (
					<Group key={key} justify="space-between">
						<Text size="sm" ff="monospace">
							{authenticationId}
						</Text>
						{!isReadOnly && (
							<Button
								size="compact-sm"
								variant="default"
								aria-label={t("removeEntryOf", { what: authenticationId })}
								onClick={() => form.edit((draft) => withoutEntry(draft, key), "/authentications")}
							>
								{t("removeEntry")}
							</Button>
						)}
					</Group>
				))}
			</Stack>
		</Alert>
	);
}
