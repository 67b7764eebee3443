// The ground every browser part stands on: colours, direction of writing, notices.

import "./mantine.css";
import "./ui.css";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import type { ReactNode } from "react";
import { styleNonce } from "#web/api/base.ts";
import { applyDirection } from "./direction.ts";
import { Notices } from "./notices.tsx";
import { cssVariables, theme } from "./theme.ts";

if (styleNonce !== undefined) {
	setNonce(styleNonce); // Of the style that keeps the page behind a dialog from scrolling.
}

applyDirection();

export function UiProvider({ children }: { children: ReactNode }) {
	return (
		<DirectionProvider initialDirection={document.documentElement.dir === "rtl" ? "rtl" : "ltr"}>
			<MantineProvider
				theme={theme}
				cssVariablesResolver={cssVariables}
				defaultColorScheme="auto"
				getStyleNonce={() => styleNonce ?? ""}
			>
				<Notices />
				{children}
			</MantineProvider>
		</DirectionProvider>
	);
}
