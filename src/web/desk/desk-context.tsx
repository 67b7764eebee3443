// The desk for whoever draws a part of it.

import { createContext, type ReactNode, use, useSyncExternalStore } from "react";
import type { Desk, DeskState } from "./desk.ts";

const DeskContext = createContext<Desk | undefined>(undefined);

export function DeskProvider({ desk, children }: { desk: Desk; children: ReactNode }) {
	return <DeskContext value={desk}>{children}</DeskContext>;
}

export function useDesk(): Desk {
	const desk = use(DeskContext);
	if (desk === undefined) {
		throw new Error("Parts of the desk are drawn inside it.");
	}
	return desk;
}

export function useDeskState(): DeskState {
	const desk = useDesk();
	return useSyncExternalStore(desk.subscribe, desk.now);
}
