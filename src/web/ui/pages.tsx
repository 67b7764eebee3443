// A list that goes on, with the button for its next page.

import { Button, Group, Text } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "#web/api/read.ts";
import { Failed, Loading } from "./states.tsx";

export function Pages<T>({
	query,
	empty,
	children,
}: {
	query: UseInfiniteQueryResult<InfiniteData<Answer<T[]>>>;
	empty: ReactNode;
	children: (rows: readonly T[]) => ReactNode;
}) {
	const { t } = useTranslation("ui");
	const { data } = query;
	const rows = useMemo(() => data?.pages.flatMap(({ body }) => body) ?? [], [data]);
	if (data === undefined) {
		return query.isError ? <Failed error={query.error} again={() => void query.refetch()} /> : <Loading />;
	}
	if (rows.length === 0) {
		return empty;
	}
	return (
		<>
			{query.isError && <Failed error={query.error} again={() => void query.refetch()} />}
			{children(rows)}
			<Group justify="space-between">
				<Text size="sm" c="dimmed" role="status">
					{t("shown", { count: rows.length })}
				</Text>
				{query.hasNextPage && (
					<Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
						{t("more")}
					</Button>
				)}
			</Group>
		</>
	);
}
