// Who is there decides what is drawn: nobody yet, somebody who must do something first, or the application.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import { isWorthRepeating } from "#web/api/read.ts";
import { makeRouter } from "./routes.tsx";
import { SessionGate } from "./shell/session.tsx";

export function App() {
	const { queries, router } = useMemo(() => open(), []);
	return (
		<QueryClientProvider client={queries}>
			<SessionGate>
				<RouterProvider router={router} />
			</SessionGate>
		</QueryClientProvider>
	);
}

function open() {
	const queries = new QueryClient({
		defaultOptions: {
			queries: { retry: isWorthRepeating, staleTime: 2000, refetchOnWindowFocus: true, networkMode: "always" },
			mutations: { retry: false, networkMode: "always" },
		},
	});
	return { queries, router: makeRouter() };
}
