// The fields of one kind: the plain ones draw themselves, the others have controls of their own.

import { MultiSelect, Stack, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Block } from "#web/ui/block.tsx";
import { fieldId, mistakeAt, SchemaFields } from "#web/ui/form/schema-fields.tsx";
import type { FieldsProps } from "#web/ui/form/stored-form.tsx";
import { DayFields } from "./day-fields.tsx";
import { useFields } from "./fields.ts";
import { HourRows } from "./hour-rows.tsx";
import type { ChatKind } from "./kinds.ts";
import { useChoices } from "./names.ts";
import { PromptTexts } from "./prompt-texts.tsx";
import { SpanFields } from "./span-fields.tsx";
import { ThresholdFields } from "./threshold-fields.tsx";

export type KindFieldsProps = FieldsProps & { kind: ChatKind };

export function ObjectFields(props: KindFieldsProps) {
	const { t } = useTranslation("chats");
	const { kind, ...form } = props;
	const fields = useFields(kind);
	const named = ["queueId", "overflowQueueId"].map((name) => [name, form.values[name] ?? ""] as const);
	const values = { ...form.values, ...Object.fromEntries(named) };
	const groups = kind === "queues" ? (["basic", "allocation", "course"] as const) : (["basic"] as const);
	return (
		<Stack>
			{groups.map((group) => (
				<Block key={group} title={t(`groups.${group}`)}>
					<SchemaFields fields={fields} group={group} {...form} values={values} />
					{group === "basic" && <Own {...props} />}
				</Block>
			))}
			{kind === "queues" && (
				<Block title={t("groups.thresholds")} lead={t("thresholds.lead")}>
					<ThresholdFields {...form} />
				</Block>
			)}
		</Stack>
	);
}

function Own({ kind, ...form }: KindFieldsProps) {
	switch (kind) {
		case "prompts":
			return <PromptTexts {...form} />;
		case "calendars":
			return <DayFields {...form} />;
		case "schedules":
			return form.values["kind"] === "serviceTimes" ? <HourRows {...form} /> : null;
		case "adHocSchedules":
			return <SpanFields {...form} />;
		case "replyTemplates":
			return <TemplateFields {...form} />;
		case "queues":
			return null;
	}
}

/** For which queues, and the provider's template as its JSON. */
function TemplateFields({ values, onChange, mistakes, isReadOnly }: FieldsProps) {
	const { t } = useTranslation("chats");
	const template = values["template"];
	return (
		<>
			<MultiSelect
				id={fieldId("/queueIds")}
				label={t("fields.replyTemplates.queueIds.title")}
				description={t("fields.replyTemplates.queueIds.help")}
				data={[...useChoices("queues")]}
				value={Array.isArray(values["queueIds"]) ? values["queueIds"].map(String) : []}
				onChange={(chosen) => onChange("queueIds", chosen)}
				error={mistakeAt(mistakes, "/queueIds")}
				readOnly={isReadOnly}
				searchable
			/>
			<TemplateJson
				value={template}
				onChange={(value) => onChange("template", value)}
				mistake={mistakeAt(mistakes, "/template")}
				isReadOnly={isReadOnly}
			/>
		</>
	);
}

type TemplateProps = {
	value: unknown;
	onChange: (value: unknown) => void;
	mistake: string | undefined;
	isReadOnly: boolean;
};

/** Id and language of the provider's template, one line each; parameters as name=value below. */
function TemplateJson({ value, onChange, mistake, isReadOnly }: TemplateProps) {
	const { t } = useTranslation("chats");
	return (
		<Textarea
			id={fieldId("/template")}
			label={t("fields.replyTemplates.template.title")}
			description={t("fields.replyTemplates.template.help")}
			defaultValue={toLines(value)}
			onChange={(event) => onChange(fromLines(event.currentTarget.value))}
			error={mistake}
			readOnly={isReadOnly}
			autosize
			minRows={2}
		/>
	);
}

type Template = { id: string; language?: string; parameters?: Readonly<Record<string, string>> };

export function toLines(value: unknown): string {
	if (typeof value !== "object" || value === null) {
		return "";
	}
	const { id, language = "", parameters = {} } = value as Template;
	return [id, language, ...Object.entries(parameters).map(([name, text]) => `${name}=${text}`)].join("\n").trimEnd();
}

export function fromLines(text: string): Template | null {
	const [id = "", language = "", ...rest] = text.split("\n").map((line) => line.trim());
	if (id === "") {
		return null;
	}
	const pairs = rest.filter((line) => line.includes("=")).map((line) => splitOnce(line));
	return {
		id,
		...(language === "" ? {} : { language }),
		...(pairs.length === 0 ? {} : { parameters: Object.fromEntries(pairs) }),
	};
}

function splitOnce(line: string): [string, string] {
	const at = line.indexOf("=");
	return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}
