// What narrows the explorer. All of it stands in the address.

import { Button, Group, Select, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "#web/api/objects.ts";
import { ServiceFilter } from "../../blocks/service-filter.tsx";
import { typesQuery } from "../../blocks/service-queries.ts";
import { filled } from "../../shell/search.ts";

const states = [
	...(["received", "matched", "parked", "queued", "sending", "sent"] as const),
	...(["delivered", "read", "failed", "expired", "held"] as const),
];
const chained = ["conversation", "contact"] as const;

/** @param onSame the same is searched for again */
export function Filters({ onSame }: { onSame: () => void }) {
	const { t } = useTranslation("messages");
	const search = useSearch({ from: "/messages" });
	const navigate = useNavigate();
	const [find, setFind] = useState(search.find ?? "");
	const change = (part: Partial<typeof search>) => {
		void navigate({ to: "/messages", search: filled({ ...search, ...part }) });
	};
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (find.trim() === (search.find ?? "")) {
					onSame();
				} else {
					change({ find: find.trim() });
				}
			}}
		>
			<Group align="flex-end" gap="sm" mb="xs">
				<TextInput
					type="search"
					label={t("filters.find")}
					value={find}
					onChange={(event) => setFind(event.currentTarget.value)}
					maxLength={200}
					flex="1 1 16rem"
				/>
				<Button type="submit" leftSection={<IconSearch size={16} aria-hidden />}>
					{t("filters.search")}
				</Button>
			</Group>
			<div className="filters">
				<ServiceFilter service={search.service} onChange={(service) => change({ service: service ?? "" })} />
				<Choices search={search} change={change} />
				{chained.map((name) =>
					search[name] === undefined ? null : (
						<Button
							key={name}
							variant="default"
							rightSection={<IconX size={14} aria-hidden />}
							onClick={() => change({ [name]: "" })}
						>
							{t(`filters.only.${name}`)}
						</Button>
					),
				)}
			</div>
		</form>
	);
}

type Search = { direction?: string; state?: string; channel?: string };

function Choices({ search, change }: { search: Search; change: (part: Search) => void }) {
	const { t } = useTranslation("messages");
	const types = useQuery(typesQuery);
	const channels = [...new Set((types.data?.body ?? []).flatMap((type) => type.channels))].toSorted();
	const select = (name: keyof Search, values: readonly string[], label: (value: string) => string) => (
		<Select
			label={t(`filters.${name}`)}
			placeholder={t("filters.any")}
			data={values.map((value) => ({ value, label: label(value) }))}
			value={search[name] ?? null}
			onChange={(value) => change({ [name]: value ?? "" })}
			clearable
		/>
	);
	return (
		<>
			{select("direction", ["in", "out"], (value) => t(`directions.${value as Message["direction"]}`))}
			{select("state", states, (value) => t(`states.${value as Message["state"]}`))}
			{select("channel", channels, (value) => value)}
		</>
	);
}
