// Who is there decides what is drawn: nobody yet, somebody who must do something first, or the application.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { isWorthRepeating } from "#web/api/read.ts";
import { SessionGate } from "./shell/session.tsx";

export function App({ queries }: { queries: QueryClient }) {
	return (
		<QueryClientProvider client={queries}>
			<SessionGate>
				<Suspense>
					<Screens />
				</Suspense>
			</SessionGate>
		</QueryClientProvider>
	);
}

/** Who is not signed in needs none of them. */
const Screens = lazy(() => import("./screens.tsx").then((parts) => ({ default: parts.Screens })));

export function openQueries(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: { retry: isWorthRepeating, staleTime: 2000, refetchOnWindowFocus: true, networkMode: "always" },
			mutations: { retry: false, networkMode: "always" },
		},
	});
}
