// What stands in place of content: it is coming, there is none, it failed, it is not for you.

import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "#web/api/problem.ts";
import { errorText } from "./error-text.ts";

export function Loading({ rows = 6 }: { rows?: number }) {
	const { t } = useTranslation("ui");
	return (
		<Stack gap="xs" role="status" aria-label={t("loading")}>
			{Array.from({ length: rows }, (_, row) => (
				<Skeleton key={row} height={36} radius="sm" />
			))}
		</Stack>
	);
}

/** An empty list says what would be here and how it comes. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
	return (
		<Card withBorder padding="xl">
			<Stack align="center" gap="xs">
				<Title order={2} size="h4" ta="center">
					{title}
				</Title>
				{children !== undefined && (
					<Text c="dimmed" maw="40rem" ta="center" component="div">
						{children}
					</Text>
				)}
				{action}
			</Stack>
		</Card>
	);
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
	const { t } = useTranslation("ui");
	if (isProblem(error, "forbidden")) {
		return <NoRight reason={error.message} />;
	}
	const isGone = isProblem(error, "unreachable");
	return (
		<Alert
			role="alert"
			color="red"
			variant="light"
			icon={isGone ? <IconPlugConnectedX /> : <IconAlertTriangle />}
			title={isGone ? t("unreachable") : t("failed")}
		>
			<Stack gap="xs" align="flex-start">
				<Text size="sm">{errorText(error)}</Text>
				{isProblem(error) && error.correlationId !== undefined && (
					<Text size="xs">{t("correlation", { id: error.correlationId })}</Text>
				)}
				{again !== undefined && (
					<Button size="xs" variant="default" onClick={again}>
						{t("tryAgain")}
					</Button>
				)}
			</Stack>
		</Alert>
	);
}

export function NoRight({ reason }: { reason: string }) {
	const { t } = useTranslation("ui");
	return (
		<Card withBorder padding="xl" role="alert">
			<Group wrap="nowrap" align="flex-start">
				<IconLock aria-hidden />
				<Stack gap={4}>
					<Title order={2} size="h4">
						{t("noRight")}
					</Title>
					<Text>{reason}</Text>
					<Text c="dimmed" size="sm">
						{t("noRightNext")}
					</Text>
				</Stack>
			</Group>
		</Card>
	);
}

/** The four states of something that is asked for; `children` draws it when it is there. */
export function Asked<T>({
	query,
	rows,
	children,
}: {
	query: UseQueryResult<T>;
	rows?: number;
	children: (data: T) => ReactNode;
}) {
	if (query.data !== undefined) {
		return children(query.data);
	}
	if (query.isError) {
		return <Failed error={query.error} again={() => void query.refetch()} />;
	}
	return <Loading {...(rows === undefined ? {} : { rows })} />;
}
