// Who is there and how: ready or not, the presence, the queues one serves, and whether the line holds.

import { ActionIcon, Button, Group, Menu, Select, Switch, Text } from "@mantine/core";
import { IconBell, IconStack2 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { FiguresButton } from "./figures.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { textOf } from "./chat-facts.ts";
import { useDoing } from "./use-doing.ts";

export function TopBar() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	return (
		<header className="desk-bar">
			<Group justify="space-between" gap="sm">
				<Group gap="sm">
					<h1 className="desk-title">{t("title")}</h1>
					<Text fw={700} component="span">
						Parley
					</Text>
					<ReadySwitch />
					<PresenceSelect />
					<LinkMark />
				</Group>
				<Group gap="xs">
					<FiguresButton />
					<QueuesMenu />
					<NotificationsButton />
					<Button component="a" href={`${basePath}/`} variant="subtle" size="compact-sm">
						{textOf(tree.properties["alias"])}
					</Button>
				</Group>
			</Group>
		</header>
	);
}

function ReadySwitch() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree, link } = useDeskState();
	const { isBusy, run } = useDoing();
	const isReady = tree.properties["work_status"] === "ready";
	const set = (work_status: string) => desk.ask("PUT", "/properties", { work_status });
	return (
		<Switch
			label={t(isReady ? "ready" : "notReady")}
			checked={isReady}
			disabled={isBusy || link !== "open"}
			onChange={() => run(() => set(isReady ? "not_ready" : "ready"))}
		/>
	);
}

type Profile = { id: string; name: string; settings: { reason: string } };

function PresenceSelect() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { isBusy, run } = useDoing();
	const profiles = (tree.properties["presence_profiles"] ?? []) as readonly Profile[];
	return (
		<Select
			size="xs"
			w={140}
			aria-label={t("presence")}
			data={profiles.map(({ id, name, settings: { reason } }) => ({
				value: id,
				label: t(`presences.${reason}` as "presences.NONE", { defaultValue: name }),
			}))}
			value={textOf(tree.properties["presence"])}
			onChange={(presence) => presence !== null && run(() => desk.ask("PUT", "/properties", { presence }))}
			allowDeselect={false}
			disabled={isBusy}
		/>
	);
}

function LinkMark() {
	const { t } = useTranslation("desk");
	const { link, isCaughtUp } = useDeskState();
	const word = isCaughtUp ? "caughtUp" : link;
	const tone = link === "open" ? "good" : "warning";
	return (
		<span role="status">
			<Chip tone={tone}>{t(`marks.${word}`)}</Chip>
		</span>
	);
}

function QueuesMenu() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { run } = useDoing();
	const set = (id: string, serve: boolean) => desk.ask("PUT", `/queues/${id}`, { serve });
	return (
		<Menu closeOnItemClick={false} position="bottom-end">
			<Menu.Target>
				<Button variant="subtle" size="compact-sm" leftSection={<IconStack2 size={16} aria-hidden />}>
					{t("queues")}
				</Button>
			</Menu.Target>
			<Menu.Dropdown>
				{tree.queues.map(({ id, name, serve, forced_to_serve: isForced }) => (
					<Menu.Item
						key={id}
						role="menuitemcheckbox"
						aria-checked={serve === true}
						disabled={isForced === true}
						onClick={() => run(() => set(id, serve !== true))}
					>
						{serve === true ? "✓ " : "– "}
						{String(name)}
					</Menu.Item>
				))}
			</Menu.Dropdown>
		</Menu>
	);
}

/** Asked by a button, as browsers want it. */
function NotificationsButton() {
	const { t } = useTranslation("desk");
	const [permission, setPermission] = useState(() => ("Notification" in window ? Notification.permission : "denied"));
	if (permission !== "default") {
		return null;
	}
	return (
		<ActionIcon
			variant="subtle"
			aria-label={t("alerts.allow")}
			title={t("alerts.allow")}
			onClick={() => void Notification.requestPermission().then(setPermission)}
		>
			<IconBell size={18} aria-hidden />
		</ActionIcon>
	);
}
