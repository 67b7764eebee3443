// Live updates: what an event names is asked again, while the page is looked at. When the connection was lost, everything is
// asked again at its return, so that nothing on the screen is older than it looks.

import { Indicator, Text } from "@mantine/core";
import { IconCloudCheck, IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kind } from "#web/api/read.ts";
import { makeAskAgain } from "./ask-again.ts";
import { listenLive, type LiveNews, type LiveState } from "./live-streams.ts";

const caughtUpShownMs = 4000;
/** Many events at once ask once. */
const gatherMs = 250;

const traffic: readonly Kind[] = ["messages", "message", "conversations", "health"];
/** By the name of an event: the first words of the keys of what has to be asked again. */
const concerned: Readonly<Record<string, readonly Kind[]>> = {
	changed: [
		...(["me", "services", "service", "users", "userGroups", "roles", "apiTokens"] as const),
		...(["smsServer", "policy", "audit", "sandbox", "subscriptions"] as const),
	],
	state: ["services", "service"],
	"message.received": [...traffic, "service"],
	"message.matched": traffic,
	"message.parked": [...traffic, "parked"],
	"message.retried": [...traffic, "parked"],
	"message.released": traffic,
	"message.queued": traffic,
	"message.state": traffic,
	"message.leftOut": traffic,
	"attachment.state": ["message", "messages"],
	"request.quarantined": ["quarantine", "health"],
	"request.changed": ["quarantine"],
	"conversation.started": ["conversations"],
	"conversation.reopened": ["conversations"],
	"conversation.closed": ["conversations"],
};

export function useLive(): LiveState {
	const queries = useQueryClient();
	const [state, setState] = useState<LiveState>("opening");
	useEffect(() => {
		const gather = gatherer(queries);
		let wasAway = false;
		let stop: (() => void) | undefined;
		let timer: number | undefined;
		const renew = () => void queries.invalidateQueries();
		const show = (next: LiveState) => {
			window.clearTimeout(timer);
			setState(next);
			if (next === "caughtUp") {
				timer = window.setTimeout(() => setState("live"), caughtUpShownMs);
			}
			if (wasAway && next === "live") {
				wasAway = false;
				renew();
			}
		};
		const hear = (news: LiveNews) => {
			if (news.kind === "event") {
				gather.add(news.name);
			} else if (news.kind === "renew") {
				renew();
			} else {
				show(news.state);
			}
		};
		const leave = () => {
			wasAway = stop !== undefined;
			stop?.();
			stop = undefined;
			gather.stop();
			window.clearTimeout(timer);
		};
		// Windows that nobody looks at need no connection.
		const onVisibility = () => {
			if (document.hidden) {
				leave();
			} else {
				stop ??= listenLive(Object.keys(concerned), hear);
			}
		};
		document.addEventListener("visibilitychange", onVisibility);
		onVisibility();
		return () => {
			document.removeEventListener("visibilitychange", onVisibility);
			leave();
		};
	}, [queries]);
	return state;
}

function gatherer(queries: QueryClient) {
	const names = new Set<string>();
	const askAgain = makeAskAgain(queries);
	let timer: number | undefined;
	const flush = () => {
		timer = undefined;
		askAgain(new Set([...names].flatMap((name) => concerned[name] ?? [])));
		names.clear();
	};
	return {
		add(name: string) {
			names.add(name);
			timer ??= window.setTimeout(flush, gatherMs);
		},
		stop() {
			window.clearTimeout(timer);
			timer = undefined;
		},
	};
}

export function LiveMark({ state }: { state: LiveState }) {
	const { t } = useTranslation("shell");
	const Icon = { opening: IconRefresh, live: IconCloudCheck, lost: IconCloudOff, caughtUp: IconCloudCheck }[state];
	const isNews = state === "lost" || state === "caughtUp";
	return (
		<div className={`live live-${state}`} role="status" title={t(`liveHelp.${state}`)}>
			<Indicator disabled={state !== "lost"} color="red" size={8}>
				<Icon size={18} aria-hidden />
			</Indicator>
			<Text span size="xs" className={isNews ? undefined : "visually-hidden"}>
				{t(`live.${state}`)}
			</Text>
		</div>
	);
}
