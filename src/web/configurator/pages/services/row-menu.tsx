// What can be done with one service of the list.

import { ActionIcon, Menu } from "@mantine/core";
import {
	IconArrowRight,
	IconCode,
	IconCopy,
	IconDotsVertical,
	IconPlayerPause,
	IconPlayerPlay,
	IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { MenuLink } from "#web/ui/menu-link.tsx";
import { useSession } from "../../shell/session.tsx";

export type RowDoings = {
	onSwitch: (service: MessagingService, on: boolean) => void;
	onDelete: (service: MessagingService) => void;
};

export function RowMenu({ service, onSwitch, onDelete }: RowDoings & { service: MessagingService }) {
	const { t } = useTranslation("services");
	const { id, name, enabled, allowed } = service;
	return (
		// Within the main part of the page, and without a place for the focus that is no item.
		<Menu position="bottom-end" withInitialFocusPlaceholder={false} portalProps={{ target: "#content" }}>
			<Menu.Target>
				<ActionIcon variant="subtle" size="md" aria-label={t("doings", { name })}>
					<IconDotsVertical size={18} aria-hidden />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Places id={id} />
				{allowed.includes("modify") && (
					<Menu.Item
						leftSection={enabled ? <IconPlayerPause size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />}
						onClick={() => onSwitch(service, !enabled)}
					>
						{t(enabled ? "switchOff" : "switchOn")}
					</Menu.Item>
				)}
				{allowed.includes("delete") && (
					<>
						<Menu.Divider />
						<Menu.Item
							c="var(--mantine-color-error)"
							leftSection={<IconTrash size={16} aria-hidden />}
							onClick={() => onDelete(service)}
						>
							{t("delete.verb")}
						</Menu.Item>
					</>
				)}
			</Menu.Dropdown>
		</Menu>
	);
}

function Places({ id }: { id: string }) {
	const { t } = useTranslation("services");
	const { rights } = useSession();
	return (
		<>
			<MenuLink
				to="/services/$id"
				params={{ id }}
				leftSection={<IconArrowRight size={16} aria-hidden className="mirrors" />}
			>
				{t("open")}
			</MenuLink>
			{rights.may("create", "messagingService", "every") && (
				<MenuLink to="/services/new" search={{ copy: id }} leftSection={<IconCopy size={16} aria-hidden />}>
					{t("copy")}
				</MenuLink>
			)}
			<MenuLink
				to="/services/$id"
				params={{ id }}
				search={{ tab: "source" }}
				leftSection={<IconCode size={16} aria-hidden />}
			>
				{t("viewAs")}
			</MenuLink>
		</>
	);
}
