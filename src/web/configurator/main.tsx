// The System Configurator: opens the message catalogues, then draws the application.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openTexts } from "#web/texts/texts.ts";
import { UiProvider } from "#web/ui/provider.tsx";
import { App, openQueries } from "./app.tsx";
import { meQuery } from "./shell/session.tsx";
import { allowPlainText } from "#web/ui/trusted-types.ts";

const catalogues = import.meta.glob<Readonly<Record<string, unknown>>>(["./texts/*/*.json", "../ui/texts/*/*.json"], {
	import: "default",
});

allowPlainText();
const queries = openQueries();
// Who is there is asked, and what they will see is fetched, while the texts are on their way. What fails is met again by
// who draws it.
void queries
	.fetchQuery(meQuery)
	.then(
		() => import("./screens.tsx"),
		() => import("./shell/sign-in.tsx"),
	)
	.catch(() => undefined);
await openTexts(catalogues, ["ui", "shell"]);
const root = document.getElementById("root");
if (root === null) {
	throw new Error("The page has no place for the application.");
}
createRoot(root).render(
	<StrictMode>
		<UiProvider>
			<App queries={queries} />
		</UiProvider>
	</StrictMode>,
);
