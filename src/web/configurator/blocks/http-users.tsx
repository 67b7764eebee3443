// The external users as which the provider calls in: who holds Use on this service, and the way to make one.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType, ServiceWebhook } from "#web/api/objects.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useSession } from "../shell/session.tsx";
import { LetInDialog } from "./let-in-dialog.tsx";
import { webhookQuery } from "./webhook-block.tsx";
import "./service-blocks.css";

export function HttpUsers({ service, type }: { service: MessagingService; type: ServiceType }) {
	const mayAsk = service.allowed.includes("modify");
	const query = useQuery({ ...webhookQuery(service.id), enabled: mayAsk });
	const isByUser = type.inboundProof === "httpUser" || type.localHttpAuthentication === "required";
	const needed = query.data?.body.httpUser.needed === true;
	if (!mayAsk || (!isByUser && !needed)) {
		return null;
	}
	return (
		<Asked query={query} rows={2}>
			{({ body }) => <Users service={service} httpUser={body.httpUser} />}
		</Asked>
	);
}

function Users({ service, httpUser }: { service: MessagingService; httpUser: ServiceWebhook["httpUser"] }) {
	const { t } = useTranslation("webhook");
	return (
		<Block title={t("users.title")} lead={httpUser.needed ? t("users.help") : t("users.notNeeded")}>
			{httpUser.users.length > 0 && (
				<Stack gap="xs" component="ul" className="plain-list">
					{httpUser.users.map((user) => (
						<UserRow key={user.id} user={user} />
					))}
				</Stack>
			)}
			{httpUser.users.length === 0 && httpUser.needed && (
				<Alert color="red" icon={<IconAlertTriangle />} title={t("users.none")}>
					<Text size="sm">{t("users.noneHelp")}</Text>
				</Alert>
			)}
			<WayIn service={service} isFirst={httpUser.users.length === 0} />
		</Block>
	);
}

function UserRow({ user }: { user: { id: string; login: string } }) {
	const { t } = useTranslation("webhook");
	const { rights } = useSession();
	return (
		<li>
			<Group gap="xs">
				<Chip tone="good">{t("users.holdsUse")}</Chip>
				{rights.may("view", "user", { id: user.id }) ? (
					<PageLink to="/users/$id" params={{ id: user.id }} size="md">
						{user.login}
					</PageLink>
				) : (
					<Text span>{user.login}</Text>
				)}
			</Group>
		</li>
	);
}

function WayIn({ service, isFirst }: { service: MessagingService; isFirst: boolean }) {
	const { t } = useTranslation("webhook");
	const { rights } = useSession();
	const renew = useRenew();
	const [isOpen, setOpen] = useState(false);
	const mayGrant = rights.may("view", "user") && rights.may("manageRights", "user");
	const mayMake = mayGrant && rights.may("create", "user", "every") && rights.may("modify", "user", "every");
	if (!mayGrant) {
		return (
			<Text size="sm" c="dimmed">
				{t("users.needsRights")}
			</Text>
		);
	}
	return (
		<>
			<Group gap="sm">
				<Button
					variant={isFirst ? "filled" : "default"}
					leftSection={<IconUserPlus size={16} aria-hidden />}
					onClick={() => setOpen(true)}
				>
					{mayMake ? t("users.make") : t("users.grant")}
				</Button>
				{mayMake && (
					<PageLink to="/users/$id" params={{ id: "new" }} search={{ external: "1" }}>
						{t("users.makeByHand")}
					</PageLink>
				)}
			</Group>
			<LetInDialog
				service={service}
				mayMake={mayMake}
				isOpen={isOpen}
				onClose={() => {
					setOpen(false);
					void renew("service", "services", "users");
				}}
			/>
		</>
	);
}
