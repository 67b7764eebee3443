// The desk's screen: who is there and how, and one of its views. Who is signed out signs in here, and what was typed stays.

import { Alert, Center, Loader, Paper, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "#web/ui/states.tsx";
import { textOf } from "./chat-facts.ts";
import { ChatsView } from "./chats-view.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { isPanel } from "./panel.ts";
import { askPerson, usePerson } from "./person.ts";
import { TopBar } from "./top-bar.tsx";
import { useAlerts } from "./use-alerts.ts";
import { usePlace } from "./use-place.ts";
import { useShortcuts } from "./use-shortcuts.ts";

const SignInForm = lazy(() => import("#web/ui/sign-in-form.tsx").then((parts) => ({ default: parts.SignInForm })));
const SignInAgain = lazy(() => import("#web/ui/sign-in-again.tsx").then((parts) => ({ default: parts.SignInAgain })));
const HistoryView = lazy(() => import("./history-view.tsx").then((parts) => ({ default: parts.HistoryView })));
const TeamView = lazy(() => import("./team-view.tsx").then((parts) => ({ default: parts.TeamView })));

export function Screen() {
	const { link, isLoaded, isAwaited } = useDeskState();
	if (isLoaded) {
		return <Desk />;
	}
	const waitsFor = isAwaited ? "panel.awaited" : link === "lost" ? "link.lost" : "link.connecting";
	return link === "ended" ? <SignIn /> : <Beginning waitsFor={waitsFor} />;
}

type BeginningProps = { waitsFor: "panel.awaited" | "link.lost" | "link.connecting" };

function Beginning({ waitsFor }: BeginningProps) {
	const { t } = useTranslation("desk");
	return (
		<Center mih="100vh" component="main">
			<VisuallyHidden component="h1">{t("title")}</VisuallyHidden>
			<Stack align="center" role="status">
				<Loader />
				<Text ta="center" px="md">
					{t(waitsFor)}
				</Text>
			</Stack>
		</Center>
	);
}

function SignIn() {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const signedIn = () => void askPerson().then(() => desk.retry());
	return (
		<Center component="main" mih="100vh" p="md">
			<Paper withBorder p="xl" w="100%" maw={420}>
				<Title order={1} size="h2" mb={4}>
					Parley
				</Title>
				<Text c="dimmed" mb="md">
					{t("title")}
				</Text>
				<Suspense fallback={<Loading rows={3} />}>
					<SignInForm login="" onSignedIn={signedIn} />
				</Suspense>
			</Paper>
		</Center>
	);
}

function Desk() {
	const { t } = useTranslation("desk");
	const { link, tree } = useDeskState();
	const desk = useDesk();
	const person = usePerson();
	const { view } = usePlace();
	useAlerts();
	useShortcuts();
	// In a panel it may be somebody else each time.
	const isKnown = person !== undefined && !isPanel;
	useEffect(() => {
		if (!isKnown && link === "open") {
			void askPerson();
		}
	}, [isKnown, link]);
	return (
		<div className="desk">
			<a className="skip-link" href="#content">
				{t("skip")}
			</a>
			<TopBar />
			{link === "lost" && (
				<Alert className="desk-lost" role="alert" color="yellow" title={t("link.lost")} p="xs">
					{t("link.lostLead")}
				</Alert>
			)}
			<Suspense fallback={<Loading />}>
				{view === "chats" && <ChatsView />}
				{view === "history" && <HistoryView />}
				{view === "team" && <TeamView />}
			</Suspense>
			{link === "ended" && (
				<Suspense>
					<SignInAgain login={textOf(tree.properties["username"])} onSignedIn={() => desk.retry()} />
				</Suspense>
			)}
		</div>
	);
}
