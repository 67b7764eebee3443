// The frame of a screen: its title goes to the window and gets the focus when one arrives, so that it is read out.

import { Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "#web/api/problem.ts";
import { type PageAddress, PageLink } from "./page-link.tsx";
import { Failed } from "./states.tsx";

type Crumb = {
	label: string;
	to: PageAddress;
	params?: Readonly<Record<string, string>>;
	search?: Readonly<Record<string, string>>;
};

type PageProps = {
	title: string;
	/** One sentence on what the screen is for. */
	lead?: ReactNode;
	crumbs?: readonly Crumb[];
	/** Beside the title: a chip, for example. */
	mark?: ReactNode;
	actions?: ReactNode;
	isNarrow?: boolean;
	/** What it could not be read for. A plain no stands in place of everything else. */
	error?: unknown;
	children: ReactNode;
};

export function Page({ title, lead, crumbs = [], mark, actions, isNarrow = false, error, children }: PageProps) {
	const isRefused = isProblem(error, "forbidden");
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		document.title = `${title} · Parley`;
	}, [title]);
	useEffect(() => {
		heading.current?.focus({ preventScroll: true });
	}, []);
	return (
		<Stack gap="md" className={isNarrow ? "page page-narrow" : "page"}>
			{crumbs.length > 0 && <Crumbs crumbs={crumbs} />}
			<Group justify="space-between" align="flex-start" gap="sm">
				<Stack gap={4} flex="1 1 20rem">
					<Group gap="sm">
						<Title order={1} size="h2" ref={heading} tabIndex={-1}>
							{title}
						</Title>
						{mark}
					</Group>
					{lead !== undefined && !isRefused && <Text c="dimmed">{lead}</Text>}
				</Stack>
				{actions !== undefined && <Group gap="xs">{actions}</Group>}
			</Group>
			{isRefused ? <Failed error={error} /> : children}
		</Stack>
	);
}

function Crumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
	const { t } = useTranslation("ui");
	return (
		<nav aria-label={t("crumbs")}>
			<Breadcrumbs separator="›" separatorMargin="xs">
				{crumbs.map(({ label, to, params = {}, search = {} }) => (
					<PageLink to={to} params={params} search={search} key={to}>
						{label}
					</PageLink>
				))}
			</Breadcrumbs>
		</nav>
	);
}
