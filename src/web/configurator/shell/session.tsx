// The browser's session: signing in, and signing in again over what is on the screen when the session has ended. What was
// typed stays, and the calls that waited go on.

import { Center, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, lazy, type ReactNode, Suspense, use, useEffect, useMemo, useState } from "react";
import { basePath } from "#web/api/base.ts";
import { callOnce, onSessionEnd } from "#web/api/call.ts";
import type { Me } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { isWorthRepeating } from "#web/api/read.ts";
import { Failed } from "#web/ui/states.tsx";

import { type Rights, rightsOf } from "./rights.ts";

/** Seldom needed, and they bring forms and dialogs along. */
const DutyPage = lazy(() => import("./duty.tsx").then(({ DutyPage: page }) => ({ default: page })));

const SignInPage = lazy(() => import("./sign-in.tsx").then((parts) => ({ default: parts.SignInPage })));
const SignInAgain = lazy(() => import("./sign-in-again.tsx").then((parts) => ({ default: parts.SignInAgain })));

export type Session = { me: Me; rights: Rights; signOut: () => Promise<void> };

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
	const session = use(SessionContext);
	if (session === undefined) {
		throw new Error("Screens are drawn for somebody who is signed in.");
	}
	return session;
}

export const meQuery = {
	queryKey: ["me"],
	queryFn: async () => (await callOnce("/RI/rci/me")) as Me,
	staleTime: 60_000,
	retry: (failures: number, error: Error) =>
		!isProblem(error, "not_authenticated") && isWorthRepeating(failures, error),
};

export function SessionGate({ children }: { children: ReactNode }) {
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
				{session.me.mustDo === null ? (
					children
				) : (
					<Suspense>
						<DutyPage me={session.me} onDone={askAnew} signOut={session.signOut} />
					</Suspense>
				)}
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
				<Loader aria-label="Parley" />
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
