// The agent's desk: opens the message catalogues and the line, then draws what comes.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openTexts } from "#web/texts/texts.ts";
import { UiProvider } from "#web/ui/provider.tsx";
import { allowPlainText } from "#web/ui/trusted-types.ts";
import { openDesk } from "./desk.ts";
import { DeskProvider } from "./desk-context.tsx";
import { speakWithHost } from "./host-line.ts";
import { hostOrigins, isPanel } from "./panel.ts";
import { askPerson } from "./person.ts";
import { Screen } from "./screen.tsx";
import "./desk.css";

const catalogues = import.meta.glob<Readonly<Record<string, unknown>>>(["./texts/*/*.json", "../ui/texts/*/*.json"], {
	import: "default",
});

allowPlainText();
const desk = openDesk();
if (isPanel) {
	speakWithHost(desk, hostOrigins()); // At once: the page around speaks as soon as this one is loaded.
}
await openTexts(catalogues, ["ui", "desk"]);
if (!isPanel) {
	void askPerson();
}
addEventListener("online", () => desk.retry());
const root = document.getElementById("root");
if (root === null) {
	throw new Error("The page has no place for the application.");
}
createRoot(root).render(
	<StrictMode>
		<UiProvider>
			<DeskProvider desk={desk}>
				<Screen />
			</DeskProvider>
		</UiProvider>
	</StrictMode>,
);
