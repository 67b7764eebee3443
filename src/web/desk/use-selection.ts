// Which chat is open: it stands in the address, so that a reload shows it again.

import { useEffect, useState } from "react";

export function useSelection(ids: readonly string[]): readonly [string | undefined, (id: string | undefined) => void] {
	const [chosen, setChosen] = useState(() => location.hash.slice(1));
	useEffect(() => {
		const follow = () => setChosen(location.hash.slice(1));
		addEventListener("hashchange", follow);
		return () => removeEventListener("hashchange", follow);
	}, []);
	return [
		ids.includes(chosen) ? chosen : undefined,
		(id) => {
			history.replaceState(null, "", id === undefined ? location.pathname : `#${id}`);
			setChosen(id ?? "");
		},
	];
}
