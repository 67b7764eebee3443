// The browser's session: signing in, and signing in again over what is on the screen when the session has ended. What was
// typed stays, and the calls that waited go on.

import { Center, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, lazy, type ReactNode, Suspense, use, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { callOnce, onSessionEnd } from "#web/api/call.ts";
import type { Me } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { isWorthRepeating, shaped } from "#web/api/read.ts";
import { adoptLanguage } from "#web/texts/texts.ts";
import { showTimesIn } from "#web/ui/moments.ts";
import { Failed } from "#web/ui/states.tsx";
import { type Rights, rightsOf } from "./rights.ts";

/** Seldom needed, and they bring forms and dialogs along. */
const DutyPage = lazy(() => import("./duty.tsx").then(({ DutyPage: page }) => ({ default: page })));

const SignInPage = lazy(() => import("./sign-in.tsx").then((parts) => ({ default: parts.SignInPage })));
const SignInAgain = lazy(() => import("#web/ui/sign-in-again.tsx").then((parts) => ({ default: parts.SignInAgain })));

type Session = { me: Me; rights: Rights; signOut: () => Promise<void> };

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
	const session = use(SessionContext);
	if (session === undefined) {
		throw new Error("Screens are drawn for somebody who is signed in.");
	}
	return session;
}

export const meQuery = {
	queryKey: shaped(["me"], "person"),
	async queryFn() {
		const me = (await callOnce("/RI/rci/me")) as Me;
		showTimesIn(me.timeZone);
		await adoptLanguage(me.uiLanguage);
		return me;
	},
	staleTime: 60_000,
	retry: (failures: number, error: Error) =>
		!isProblem(error, "not_authenticated") && isWorthRepeating(failures, error),
};

export function SessionGate({ children }: { children: ReactNode }) {
	const { t } = useTranslation("ui");
	const queries = useQueryClient();
	const me = useQuery({ ...meQuery, retryOnMount: false }); // It was asked before anything was drawn.
	const again = useSignInAgain();
	const { data, refetch } = me;
	// A new password ends the session: what was known of the person counts no more, and the page asks to sign in.
	const askAnew = () => void queries.resetQueries({ queryKey: meQuery.queryKey });
	const session = useMemo<Session | undefined>(
		() =>
			data === undefined
				? undefined
				: {
						me: data,
						rights: rightsOf(data),
						async signOut() {
							await callOnce("/logout", { method: "POST" });
							queries.clear();
							location.assign(`${basePath}/`);
						},
					},
		[data, queries],
	);
	if (session !== undefined) {
		return (
			<SessionContext value={session}>
				<DutyGate session={session} onDone={askAnew}>
					{children}
				</DutyGate>
				{again.isAsked && (
					<Suspense>
						<SignInAgain login={session.me.login} onSignedIn={again.done} />
					</Suspense>
				)}
			</SessionContext>
		);
	}
	if (me.isPending) {
		return (
			<Center mih="100vh">
				<Loader aria-label={t("loading")} />
			</Center>
		);
	}
	if (isProblem(me.error, "not_authenticated")) {
		return (
			<Suspense>
				<SignInPage onSignedIn={() => void refetch()} />
			</Suspense>
		);
	}
	return <Failed error={me.error} again={() => void refetch()} />;
}

/**
 * What must be done first stays on the screen until the person is through with it, whatever is asked anew meanwhile: once the
 * second factor counts nothing must be done any more, but its recovery codes are still to be kept.
 */
function DutyGate({ session, onDone, children }: { session: Session; onDone: () => void; children: ReactNode }) {
	const { me, signOut } = session;
	const [duty, setDuty] = useState(me.mustDo);
	if (me.mustDo !== null && duty === null) {
		setDuty(me.mustDo);
	}
	const end = () => {
		setDuty(null);
		onDone();
	};
	return duty === null ? (
		children
	) : (
		<Suspense>
			<DutyPage duty={duty} me={me} onDone={end} signOut={signOut} />
		</Suspense>
	);
}

/** Calls that find no session wait here, all for the same logon. */
function useSignInAgain() {
	const [waiting, setWaiting] = useState<{ promise: Promise<void>; resolve: () => void }>();
	useEffect(() => {
		let current: Promise<void> | undefined;
		onSessionEnd(() => {
			if (current === undefined) {
				const { promise, resolve } = Promise.withResolvers<void>();
				current = promise.finally(() => {
					current = undefined;
				});
				setWaiting({ promise, resolve });
			}
			return current;
		});
		return () => onSessionEnd(undefined);
	}, []);
	return {
		isAsked: waiting !== undefined,
		done: () => {
			waiting?.resolve();
			setWaiting(undefined);
		},
	};
}
