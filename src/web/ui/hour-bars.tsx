// A day in the width of a word: one bar for each hour, for the eye that looks along many rows. Who cannot see it has the
// sentence.

type HourBar = { key: string; good: number; bad: number };

const width = 96;
const height = 24;
const leastHeight = 2; // Of an hour in which something happened.

/** `label` says what the bars show. */
export function HourBars({ bars, label }: { bars: readonly HourBar[]; label: string }) {
	const most = Math.max(1, ...bars.map(({ good, bad }) => good + bad));
	const step = width / Math.max(1, bars.length);
	const heightOf = (count: number) => (count === 0 ? 0 : Math.max(leastHeight, (count / most) * height));
	return (
		<svg
			className="hour-bars"
			viewBox={`0 0 ${width} ${height}`}
			width={width}
			height={height}
			role="img"
			aria-label={label}
		>
			<title>{label}</title>
			<line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} className="hour-bars-ground" />
			{bars.map(({ key, good, bad }, index) => (
				<g key={key}>
					<rect
						className="hour-bars-good"
						x={index * step}
						width={step - 1}
						y={height - heightOf(good)}
						height={heightOf(good)}
					/>
					<rect
						className="hour-bars-bad"
						x={index * step}
						width={step - 1}
						y={Math.max(0, height - heightOf(good) - heightOf(bad))}
						height={heightOf(bad)}
					/>
				</g>
			))}
		</svg>
	);
}
