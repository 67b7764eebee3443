// The service types to choose from, one card each. One finds them by typing; the arrow keys lead through them.

import { Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ServiceType } from "#web/api/objects.ts";
import { Chip } from "#web/ui/chip.tsx";
import { Empty } from "#web/ui/states.tsx";
import { TypePicture } from "../../blocks/type-mark.tsx";
import { typesFound } from "../../blocks/find-types.ts";
import "../../blocks/service-form.css";

export function TypeCards({ types }: { types: readonly ServiceType[] }) {
	const { t } = useTranslation("service");
	const { find: given = "" } = useSearch({ from: "/services/new" });
	// The address follows what is typed; were it the other way round, quick typing would lose letters.
	const [find, setFind] = useState(given);
	const navigate = useNavigate({ from: "/services/new" });
	const place = useRef<HTMLDivElement>(null);
	const found = typesFound(types, find);
	const onKeyDown = (event: KeyboardEvent) => {
		const target = nextOf(place.current, event.key);
		if (target !== undefined) {
			event.preventDefault();
			target.focus();
		}
	};
	return (
		// oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- The arrow keys are a shortcut; Tab reaches all.
		<div ref={place} onKeyDown={onKeyDown}>
			<Stack gap="md">
				<search>
					<form
						onSubmit={(event) => {
							event.preventDefault();
							const [first] = found;
							if (first !== undefined && find !== "") {
								void navigate({ search: { type: first.type } });
							}
						}}
					>
						<TextInput
							type="search"
							label={t("add.findType")}
							description={t("add.findTypeHelp")}
							maw="24rem"
							value={find}
							onChange={(event) => {
								const text = event.currentTarget.value;
								setFind(text);
								void navigate({ search: text === "" ? {} : { find: text }, replace: true });
							}}
							leftSection={<IconSearch size={16} aria-hidden />}
							data-walk
						/>
					</form>
				</search>
				<Text size="sm" c="dimmed" component="output">
					{t("add.typesFound", { count: found.length })}
				</Text>
				{found.length === 0 && <Empty title={t("add.noType")}>{t("add.noTypeLead")}</Empty>}
				<ul className="type-cards">
					{found.map((type) => (
						<li key={type.type}>
							<TypeCard type={type} />
						</li>
					))}
				</ul>
			</Stack>
		</div>
	);
}

const channelsShown = 4;

function TypeCard({ type }: { type: ServiceType }) {
	const { t } = useTranslation("service");
	const more = type.channels.length - channelsShown;
	const channels = type.channels.slice(0, channelsShown).join(", ");
	return (
		<Link to="/services/new" search={{ type: type.type }} className="type-card" data-walk>
			<Group gap="xs" justify="space-between" align="flex-start">
				<Group gap={8} wrap="nowrap">
					<TypePicture type={type.type} size={22} />
					<Title order={2} size="h5">
						{type.label}
					</Title>
				</Group>
				{type.experimental && (
					<Chip tone="warning" title={t("add.experimentalHelp")}>
						{t("add.experimental")}
					</Chip>
				)}
			</Group>
			<Text size="sm">{type.summary}</Text>
			<Text size="xs" c="dimmed" mt="auto">
				{channels}
				{more > 0 && ` ${t("add.moreChannels", { count: more })}`}
			</Text>
		</Link>
	);
}

const ways: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** From the search down into the cards and back; sideways only among the cards, since the search needs these keys. */
function nextOf(place: HTMLElement | null, key: string): HTMLElement | undefined {
	const way = ways[key];
	const stops = [...(place?.querySelectorAll<HTMLElement>("[data-walk]") ?? [])];
	const here = stops.findIndex((stop) => stop === document.activeElement);
	const isSideways = key === "ArrowLeft" || key === "ArrowRight";
	return way === undefined || here < 0 || (here === 0 && isSideways) ? undefined : stops[here + way];
}
