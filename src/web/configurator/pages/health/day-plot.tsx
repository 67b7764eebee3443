// The plot of a day. Fetched only where it is shown: drawing plots takes more code than the rest of the application.

import "@mantine/charts/styles.css";
import { LineChart } from "@mantine/charts";
import type { DayFigures } from "./day.ts";

export type Line = { name: keyof DayFigures; label: string; color: string; strokeDasharray?: string };

type DayPlotProps = { hours: readonly (DayFigures & { hour: string })[]; lines: readonly Line[] };

export default function DayPlot({ hours, lines }: DayPlotProps) {
	return (
		<LineChart
			h={240}
			data={[...hours]}
			dataKey="hour"
			series={[...lines]}
			curveType="linear"
			withDots={false}
			yAxisProps={{ allowDecimals: false, width: 48, interval: 0 }}
			xAxisProps={{ minTickGap: 24 }}
			lineProps={{ isAnimationActive: false }}
			lineChartProps={{ accessibilityLayer: false }}
		/>
	);
}
