// What runs inside the browser's page and takes its times there. Texts: the server's types know no names of a browser.

/** Tells `drawn` where the field is once the heading is on the screen; what is typed into the field is answered when it is
 * drawn. Keeps the long tasks, of which only the last one's end counts. */
export const watchOpening = `(() => {
	const times = { heading: 0, answered: 0, lastLongTaskEnd: 0, longTasks: 0 };
	window.benchTimes = times;
	new PerformanceObserver((list) => {
		for (const { startTime, duration } of list.getEntries()) {
			times.lastLongTaskEnd = Math.max(times.lastLongTaskEnd, startTime + duration);
			times.longTasks += duration;
		}
	}).observe({ type: "longtask", buffered: true });
	addEventListener("input", () => {
		requestAnimationFrame(() => setTimeout(() => (times.answered ||= performance.now())));
	}, { capture: true });
	const look = () => {
		const field = document.querySelector("input");
		if (document.querySelector("h1")?.getClientRects().length > 0 && field?.getClientRects().length > 0) {
			const { x, y, width, height } = field.getBoundingClientRect();
			setTimeout(() => {
				times.heading = performance.now();
				drawn(x + width / 2, y + height / 2);
			});
		} else {
			requestAnimationFrame(look);
		}
	};
	requestAnimationFrame(look);
})()`;

/** Milliseconds since the navigation began. `longTasks` is their sum. */
export type OpeningTimes = { heading: number; answered: number; lastLongTaskEnd: number; longTasks: number };

/** Once the typing was answered and no long task has ended for so many milliseconds. */
export function openingTimes(quietMs: number): string {
	return `new Promise((resolve) => {
		const look = () => {
			const times = window.benchTimes;
			const last = Math.max(times.heading, times.answered, times.lastLongTaskEnd);
			if (times.answered > 0 && performance.now() - last > ${quietMs}) {
				resolve(times);
			} else {
				setTimeout(look, 50);
			}
		};
		look();
	})`;
}

/** From now on the time of each frame is kept. */
export const beginFrames = `(() => {
	const frames = [];
	window.benchFrames = frames;
	let last;
	const next = (now) => {
		if (last !== undefined) {
			frames.push(now - last);
		}
		last = now;
		if (window.benchFrames === frames) {
			requestAnimationFrame(next);
		}
	};
	requestAnimationFrame(next);
})()`;

/** The milliseconds of each frame since then. */
export const endFrames = `(() => {
	const frames = window.benchFrames;
	window.benchFrames = undefined;
	return frames;
})()`;

/** How far the long list can still go, in pixels, upwards and downwards. */
export const wayLeft = `(() => {
	const { scrollTop, scrollHeight, clientHeight } = document.querySelector(".list-scroll.is-long");
	return { up: scrollTop, down: scrollHeight - clientHeight - scrollTop };
})()`;
