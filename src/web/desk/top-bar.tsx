// Who is there and how: ready or not, the presence, the queues one serves, whether the line holds, and the way to the views.

import { Anchor, Badge, Button, Group, Popover, Select, Stack, Switch, Text, VisuallyHidden } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import { textOf } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { HelpMark } from "./help-mark.tsx";
import { NotificationsButton } from "./notifications.tsx";
import { may, usePerson } from "./person.ts";
import { PersonMenu } from "./person-menu.tsx";
import { useDoing } from "./use-doing.ts";
import { addressOf, goTo, usePlace, type View, views } from "./use-place.ts";

export function TopBar() {
	return (
		<header className="desk-bar">
			<Group gap="sm">
				<Text fw={700} component="span" visibleFrom="sm">
					Parley
				</Text>
				<ReadySwitch />
				<PresenceSelect />
				<LinkMark />
				<HelpMark />
			</Group>
			<Group gap="xs">
				<Views />
				<QueuesButton />
				<NotificationsButton />
				<PersonMenu />
			</Group>
		</header>
	);
}

function Views() {
	const { t } = useTranslation("desk");
	const { view } = usePlace();
	const person = usePerson();
	const { figures } = useDeskState().tree;
	const isSupervisor = (["listen", "coach", "bargeIn"] as const).some((access) => may(person, access, "user"));
	const shown = views.filter((one) => one !== "team" || isSupervisor || figures.length > 0);
	return (
		<nav aria-label={t("views.title")}>
			<Group gap="sm">
				{shown.map((one) => (
					<ViewLink key={one} view={one} isHere={one === view} />
				))}
			</Group>
		</nav>
	);
}

function ViewLink({ view, isHere }: { view: View; isHere: boolean }) {
	const { t } = useTranslation("desk");
	const open = (event: MouseEvent) => {
		if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
			event.preventDefault();
			goTo({ view });
		}
	};
	return (
		<Anchor
			href={addressOf({ view })}
			onClick={open}
			size="sm"
			fw={isHere ? 700 : 500}
			{...(isHere ? { "aria-current": "page" } : {})}
		>
			{t(`views.${view}`)}
		</Anchor>
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
			aria-keyshortcuts="s"
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
	const { tree, link } = useDeskState();
	const { isBusy, run } = useDoing();
	const profiles = (tree.properties["presence_profiles"] ?? []) as readonly Profile[];
	return (
		<Select
			size="xs"
			flex="1 1 90px"
			maw={140}
			aria-label={t("presence")}
			data={profiles.map(({ id, name, settings: { reason } }) => ({
				value: id,
				label: t(`presences.${reason}` as "presences.NONE", { defaultValue: name }),
			}))}
			value={textOf(tree.properties["presence"])}
			onChange={(presence) => presence !== null && run(() => desk.ask("PUT", "/properties", { presence }))}
			allowDeselect={false}
			disabled={isBusy || link !== "open"}
		/>
	);
}

/** While all is well it takes no eye: only who listens is told. */
function LinkMark() {
	const { t } = useTranslation("desk");
	const { link, isCaughtUp } = useDeskState();
	const word = isCaughtUp ? "caughtUp" : link;
	return (
		<span role="status">
			{word === "open" ? (
				<VisuallyHidden>{t("marks.open")}</VisuallyHidden>
			) : (
				<Badge variant="default" tt="none">
					{t(`marks.${word}`)}
				</Badge>
			)}
		</span>
	);
}

function QueuesButton() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { tree } = useDeskState();
	const { run } = useDoing();
	const served = tree.queues.filter(({ serve }) => serve === true).length;
	const label = t("queues", { served, all: tree.queues.length });
	const set = (id: string, serve: boolean) => desk.ask("PUT", `/queues/${id}`, { serve });
	return (
		<Popover position="bottom-end" trapFocus returnFocus>
			<Popover.Target>
				<Button
					variant="subtle"
					size="compact-sm"
					aria-label={label}
					leftSection={<IconStack2 size={16} aria-hidden />}
				>
					<Text span inherit visibleFrom="sm">
						{label}
					</Text>
					<Text span inherit hiddenFrom="sm">
						{served}/{tree.queues.length}
					</Text>
				</Button>
			</Popover.Target>
			<Popover.Dropdown aria-label={t("queuesHelp")}>
				<Stack gap="xs">
					{tree.queues.map(({ id, name, serve, forced_to_serve: isForced }) => (
						<Switch
							key={id}
							label={textOf(name)}
							description={isForced === true ? t("queueForced") : undefined}
							checked={serve === true}
							disabled={isForced === true}
							onChange={() => run(() => set(id, serve !== true))}
						/>
					))}
				</Stack>
			</Popover.Dropdown>
		</Popover>
	);
}
