// The place where notices appear, fetched with the first of them.

import { lazy, Suspense, useSyncExternalStore } from "react";
import { hasNotices, onFirstNotice } from "./notice.tsx";

const Place = lazy(() => import("./notice-place.tsx").then(({ NoticePlace }) => ({ default: NoticePlace })));

export function Notices() {
	const isNeeded = useSyncExternalStore(onFirstNotice, hasNotices);
	return isNeeded ? (
		<Suspense>
			<Place />
		</Suspense>
	) : null;
}
