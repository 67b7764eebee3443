// The desk's screen: who is there and how, the chats, the one that is open, and who is on its other side.

import { Alert, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { ChatList } from "./chat-list.tsx";
import { ChatPane } from "./chat-pane.tsx";
import { CustomerPanel } from "./customer-panel.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { TopBar } from "./top-bar.tsx";
import { useAlerts } from "./use-alerts.ts";
import { useSelection } from "./use-selection.ts";

export function Screen() {
	const { t } = useTranslation("desk");
	const state = useDeskState();
	useAlerts(state);
	if (state.link === "ended") {
		return <SignedOut />;
	}
	if (!state.isLoaded) {
		return (
			<Center mih="100vh">
				<Stack align="center" role="status">
					<Loader />
					<Text>{t(state.link === "lost" ? "link.lost" : "link.connecting")}</Text>
				</Stack>
			</Center>
		);
	}
	return <Desk />;
}

function SignedOut() {
	const { t } = useTranslation("desk");
	return (
		<Center mih="100vh" component="main">
			<Stack align="center">
				<h1>{t("title")}</h1>
				<Text>{t("signedOut")}</Text>
				<Button component="a" href={`${basePath}/login?next=/desk`}>
					{t("signIn")}
				</Button>
			</Stack>
		</Center>
	);
}

function Desk() {
	const { t } = useTranslation("desk");
	const state = useDeskState();
	const desk = useDesk();
	const { interactions } = state.tree;
	const [selected, select] = useSelection(interactions.map(({ id }) => id));
	const chat = interactions.find(({ id }) => id === selected);
	const lastSeq = chat?.transcript.messages.at(-1)?.seq;
	useEffect(() => {
		if (selected !== undefined && document.visibilityState === "visible") {
			desk.see(selected);
		}
	}, [desk, selected, lastSeq]);
	return (
		<div className="desk" data-open={chat !== undefined}>
			<TopBar />
			{state.link === "lost" && (
				<Alert className="desk-lost" role="alert" color="yellow" title={t("link.lost")}>
					{t("link.lostLead")}
				</Alert>
			)}
			<nav className="desk-list" aria-label={t("chats")}>
				<ChatList selected={selected} onSelect={select} />
			</nav>
			<main className="desk-chat" aria-label={chat === undefined ? t("noChat") : undefined}>
				{chat === undefined ? (
					<Center h="100%">
						<Text c="dimmed">{t(interactions.length === 0 ? "empty" : "noChat")}</Text>
					</Center>
				) : (
					<ChatPane key={chat.id} chat={chat} onBack={() => select(undefined)} />
				)}
			</main>
			{chat !== undefined && (
				<aside className="desk-customer" aria-label={t("customer.title")}>
					<CustomerPanel key={chat.id} chat={chat} />
				</aside>
			)}
		</div>
	);
}
