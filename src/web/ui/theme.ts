// Colours and measures. Every text colour here has at least 4.5:1 on what it stands on (WCAG 2.2, 1.4.3), in light and dark.

import { type CSSVariablesResolver, type MantineColorsTuple, createTheme } from "@mantine/core";

const parley: MantineColorsTuple = [
	"#e8f6f7",
	"#cfe9ec",
	"#a1d3d9",
	"#6fbcc5",
	"#47a8b4",
	"#2b98a6",
	"#147f8d",
	"#0b6673",
	"#08535e",
	"#043e47",
];

export const theme = createTheme({
	primaryColor: "parley",
	primaryShade: { light: 7, dark: 6 },
	autoContrast: true,
	colors: { parley },
	// A dialog's head is no banner of the page.
	components: { Modal: { defaultProps: { attributes: { header: { role: "none" } } } } },
	defaultRadius: "md",
	cursorType: "pointer",
	respectReducedMotion: true,
	fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
	fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
	headings: { fontWeight: "650" },
});

/** Mantine's own grey, red and anchor colours are too pale for small text. */
export const cssVariables: CSSVariablesResolver = () => ({
	variables: {},
	light: {
		"--mantine-color-dimmed": "#495057",
		"--mantine-color-placeholder": "#5f666d",
		"--mantine-color-error": "#c01f1f",
		"--mantine-color-anchor": "#08535e",
		"--mantine-color-body": "#fbfcfc",
	},
	dark: {
		"--mantine-color-dimmed": "#b8bec4",
		"--mantine-color-placeholder": "#a3aab0",
		"--mantine-color-error": "#ff9c9c",
		"--mantine-color-anchor": "#6fbcc5",
	},
});
