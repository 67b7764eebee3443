// The request that a service would send, as the draft stands: asked of the server shortly after the typing stops.

import { Alert, List, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconInfoCircle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ServiceType } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import {
	type RciPostMessagingServiceTypesTypePreview200,
	rciPostMessagingServiceTypesTypePreview,
} from "#web/api/rci.ts";
import { shaped } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Caution } from "#web/ui/caution.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { CodeBlock } from "#web/ui/code.tsx";
import { focusField, MistakeSummary } from "#web/ui/form/mistakes.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import type { ServiceDraft } from "./draft.ts";
import { toPreviewBody } from "./preview-body.ts";
import { withLabels } from "./use-draft-form.ts";
import { useServiceWords } from "./words.ts";
import "./service-blocks.css";

const restMs = 400;

type PreviewBlockProps = { type: ServiceType; draft: ServiceDraft; serviceId?: string };

export function PreviewBlock(props: PreviewBlockProps) {
	const { t } = useTranslation("webhook");
	return props.type.hasPreview ? (
		<LivePreview {...props} />
	) : (
		<Empty title={t("preview.none")}>{t("preview.noneHelp", { type: props.type.label })}</Empty>
	);
}

function LivePreview({ type, draft, serviceId }: PreviewBlockProps) {
	const { t } = useTranslation("webhook");
	const [to, setTo] = useState(type.sampleAddresses.contact);
	const [text, setText] = useState(() => t("preview.exampleText"));
	const [body] = useDebouncedValue(toPreviewBody(draft, { to, text }, serviceId), restMs);
	const words = useServiceWords(type);
	const labelOf = (pointer: string) =>
		pointer.startsWith("/message") ? t("preview.exampleMessage") : words.labelOf(pointer);
	const query = useQuery({
		queryKey: shaped(["preview", type.type, body], "preview"),
		queryFn: async ({ signal }) => (await rciPostMessagingServiceTypesTypePreview(type.type, body, { signal })).data,
		placeholderData: keepPreviousData,
		gcTime: 0, // A draft may hold secrets that were just typed.
	});
	return (
		<Block
			title={t("preview.title")}
			actions={
				<Chip tone={query.isFetching ? "pending" : "neutral"}>
					{query.isFetching ? t("preview.asking") : t("preview.notSent")}
				</Chip>
			}
		>
			<SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
				<TextInput
					label={t("preview.to")}
					value={to}
					maxLength={400}
					onChange={(event) => setTo(event.currentTarget.value)}
				/>
				<Textarea
					label={t("preview.text")}
					value={text}
					maxLength={10_000}
					autosize
					minRows={1}
					maxRows={5}
					onChange={(event) => setText(event.currentTarget.value)}
				/>
			</SimpleGrid>
			{query.isError ? (
				<MistakeSummary error={isProblem(query.error) ? withLabels(query.error, labelOf) : query.error} />
			) : (
				<Asked query={query} rows={4}>
					{(preview) => <Request preview={preview} labelOf={labelOf} />}
				</Asked>
			)}
		</Block>
	);
}

type Preview = RciPostMessagingServiceTypesTypePreview200;

type LabelOf = (pointer: string) => string;

function Request({ preview, labelOf }: { preview: Preview; labelOf: LabelOf }) {
	const { t } = useTranslation("webhook");
	const { method, url, headers, body } = preview;
	return (
		<Stack gap="sm">
			<Problems problems={preview.problems} labelOf={labelOf} />
			{method !== null && url !== null && (
				<>
					<CodeBlock label={t("preview.address")} text={`${method} ${url}`} />
					{headers.length > 0 && (
						<CodeBlock
							label={t("preview.headers")}
							text={headers.map(({ name, value }) => `${name}: ${value}`).join("\n")}
						/>
					)}
					{body === null ? (
						<Text size="sm" c="dimmed">
							{t("preview.noBody")}
						</Text>
					) : (
						<CodeBlock label={t("preview.body")} text={body} />
					)}
					<Text size="sm" c="dimmed">
						{t("preview.mask", { mask: preview.secretsShownAs })}
					</Text>
				</>
			)}
			{preview.notes.length > 0 && (
				<Alert color="blue" icon={<IconInfoCircle />} title={t("preview.notes")}>
					<List size="sm">
						{preview.notes.map((note) => (
							<List.Item key={note}>{note}</List.Item>
						))}
					</List>
				</Alert>
			)}
		</Stack>
	);
}

function Problems({ problems, labelOf }: { problems: Preview["problems"]; labelOf: LabelOf }) {
	const { t } = useTranslation("webhook");
	return problems.length === 0 ? null : (
		<Caution title={t("preview.problems", { count: problems.length })}>
			<List size="sm">
				{problems.map(({ pointer, message }) => (
					<List.Item key={pointer + message}>
						{pointer === "" ? (
							message
						) : (
							<button type="button" className="link-button" onClick={() => focusField(pointer)}>
								{labelOf(pointer)}: {message}
							</button>
						)}
					</List.Item>
				))}
			</List>
		</Caution>
	);
}
