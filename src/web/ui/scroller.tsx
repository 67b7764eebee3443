// What may be wider or longer than its place. While it is, it takes the focus, so that the arrow keys scroll it; a stop on the
// way of the Tab key that scrolls nothing would only be in the way.

import { type ReactNode, useEffect, useRef, useState } from "react";

type ScrollerProps = {
	/** Says what scrolls here. */
	label: string;
	className?: string;
	/** For who has to know the element too. */
	scrollRef?: { current: HTMLDivElement | null };
	children: ReactNode;
};

export function Scroller({ label, className = "scroller", scrollRef, children }: ScrollerProps) {
	const own = useRef<HTMLDivElement>(null);
	const place = scrollRef ?? own;
	const overflows = useOverflow(place);
	return (
		<div ref={place} className={className} {...(overflows ? { tabIndex: 0, role: "region", "aria-label": label } : {})}>
			{children}
		</div>
	);
}

function useOverflow(place: { current: HTMLDivElement | null }): boolean {
	const [overflows, setOverflows] = useState(false);
	useEffect(() => {
		const element = place.current;
		if (element === null) {
			return undefined;
		}
		const look = () =>
			setOverflows(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
		const watch = new ResizeObserver(look);
		watch.observe(element);
		for (const child of element.children) {
			watch.observe(child);
		}
		return () => watch.disconnect();
	}, [place]);
	return overflows;
}
