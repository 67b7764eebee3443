// "View as": the service as YAML and as ready calls, to be copied into files and scripts.

import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { shaped } from "#web/api/read.ts";
import { CodeBlock } from "#web/ui/code.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import type { FormDraft } from "./draft.ts";
import { curlOf, patchShown, writtenOf } from "./source.ts";

type SourceBlockProps = { type: ServiceType; service: MessagingService; etag: string | null; draft: FormDraft };

export function SourceBlock({ type, service, etag, draft }: SourceBlockProps) {
	const { t } = useTranslation("service");
	const yaml = useQuery({
		queryKey: shaped(["yamlWriter"], "module"),
		queryFn: () => import("yaml"),
		staleTime: Infinity,
	});
	const url = `${location.origin}${basePath}/RI/rci/messagingServices/${service.id}`;
	const written = writtenOf(service);
	const { patch, isOwn } = patchShown(type, draft, service);
	return (
		<Stack gap="lg" maw="60rem">
			<Text c="dimmed">{t("source.lead")}</Text>
			{yaml.data === undefined ? (
				<Skeleton height={240} />
			) : (
				<CodeBlock label={t("source.yaml")} text={yaml.data.stringify(written)} />
			)}
			<CodeBlock label={t("source.put")} text={curlOf({ method: "PUT", url, etag, body: written })} />
			<CodeBlock
				label={t(isOwn ? "source.patchOwn" : "source.patch")}
				text={curlOf({ method: "PATCH", url, etag, body: patch })}
			/>
			<Text size="sm" c="dimmed">
				{t("source.help")} {t("source.etag")}
			</Text>
			<PageLink to="/apiTokens" w="fit-content">
				{t("source.tokens")}
			</PageLink>
		</Stack>
	);
}
