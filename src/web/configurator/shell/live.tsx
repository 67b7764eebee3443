// Live updates: both event streams are held open while the page is looked at, and what an event names is asked again. When
// the connection was lost, everything is asked again at its return, so that nothing on the screen is older than it looks.

import { Indicator, Text } from "@mantine/core";
import { IconCloudCheck, IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";

export type LiveState = "opening" | "live" | "lost" | "caughtUp";

const caughtUpShownMs = 4000;
/** Many events at once ask once. */
const gatherMs = 250;

const traffic = ["messages", "message", "conversations", "health"];
/** By the name of an event: the first words of the keys of what has to be asked again. */
const concerned: Readonly<Record<string, readonly string[]>> = {
	changed: "me services service users user userGroups roles apiTokens smsServer policy audit sandbox".split(" "),
	state: ["services", "service"],
	"message.received": [...traffic, "service"],
	"message.matched": traffic,
	"message.parked": [...traffic, "parked"],
	"message.retried": [...traffic, "parked"],
	"message.released": traffic,
	"message.queued": traffic,
	"message.state": traffic,
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
		const connection = connect(queries, setState);
		// A browser opens six connections to one server for all its tabs together: those nobody looks at hold none.
		const onVisibility = () => (document.hidden ? connection.pause() : connection.open());
		document.addEventListener("visibilitychange", onVisibility);
		onVisibility();
		return () => {
			document.removeEventListener("visibilitychange", onVisibility);
			connection.pause();
		};
	}, [queries]);
	return state;
}

function connect(queries: QueryClient, setState: (state: LiveState) => void) {
	const gather = gatherer(queries);
	let streams: readonly EventSource[] = [];
	let wasOpen = false;
	let isBehind = false;
	let timer: number | undefined;

	const isConnecting = () => streams.some(({ readyState }) => readyState === EventSource.CONNECTING);
	const onOpen = () => {
		if (isConnecting()) {
			return;
		}
		if (isBehind) {
			void queries.invalidateQueries();
			timer = window.setTimeout(() => setState("live"), caughtUpShownMs);
		}
		setState(isBehind ? "caughtUp" : "live");
		wasOpen = true;
		isBehind = false;
	};
	const onError = () => {
		// A stream that this person may not read is closed for good; that is no lost connection.
		if (wasOpen && isConnecting()) {
			isBehind = true;
			setState("lost");
		}
	};

	return {
		open() {
			if (streams.length > 0) {
				return;
			}
			streams = ["/RI/rci/events", "/RI/cmi/events"].map((path) => new EventSource(`${basePath}${path}`));
			for (const stream of streams) {
				stream.addEventListener("open", onOpen);
				stream.addEventListener("error", onError);
				for (const name of Object.keys(concerned)) {
					stream.addEventListener(name, () => gather.add(name));
				}
			}
		},
		pause() {
			isBehind ||= wasOpen;
			streams.forEach((stream) => stream.close());
			streams = [];
			gather.stop();
			window.clearTimeout(timer);
		},
	};
}

function gatherer(queries: QueryClient) {
	const names = new Set<string>();
	let timer: number | undefined;
	const flush = () => {
		timer = undefined;
		const kinds = new Set([...names].flatMap((name) => concerned[name] ?? []));
		names.clear();
		void queries.invalidateQueries({ predicate: ({ queryKey }) => kinds.has(String(queryKey[0])) });
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
