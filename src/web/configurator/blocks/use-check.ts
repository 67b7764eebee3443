// One check of a service: asked for, then looked at four times a second until it is finished. Steps that came together are
// shown one after the other.

import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { ServiceCheck } from "#web/api/objects.ts";
import { rciGetMessagingServicesIdChecksCheckId, rciPostMessagingServicesIdCheck } from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";

const lookEveryMs = 250;
const showEveryMs = 180;
const longMs = 45_000; // No step of a check takes as long.

export type RunningCheck = {
	check: ServiceCheck | undefined;
	/** How many of its steps are shown by now. */
	shown: number;
	isBusy: boolean;
	/** It is not finished although it should be. */
	isLate: boolean;
	error: unknown;
	start: () => void;
};

export function useCheck(serviceId: string, autoStart: boolean): RunningCheck {
	const renew = useRenew();
	const running = useRef<AbortController>(undefined);
	const [check, setCheck] = useState<ServiceCheck>();
	const [isAsking, setAsking] = useState(false);
	const [isLate, setLate] = useState(false);
	const [error, setError] = useState<unknown>();
	const shown = useShown(check);
	const start = () => {
		running.current?.abort();
		const control = new AbortController();
		running.current = control;
		setCheck(undefined);
		setError(undefined);
		setLate(false);
		setAsking(true);
		const late = window.setTimeout(() => setLate(true), longMs);
		follow(serviceId, control.signal, setCheck)
			.then(() => renew("service"))
			.catch((thrown: unknown) => !control.signal.aborted && setError(thrown))
			.finally(() => {
				window.clearTimeout(late);
				if (!control.signal.aborted) {
					setAsking(false);
					setLate(false);
				}
			});
	};
	const first = useRef(start);
	useEffect(() => {
		if (autoStart) {
			first.current();
		}
		return () => running.current?.abort();
	}, [autoStart, serviceId]);
	return { check, shown, isBusy: isAsking || shown < (check?.steps.length ?? 0), isLate, error, start };
}

async function follow(serviceId: string, signal: AbortSignal, tell: (check: ServiceCheck) => void): Promise<void> {
	const asked = await rciPostMessagingServicesIdCheck(serviceId, { wait: 0 }, { signal });
	let check: ServiceCheck = asked.data;
	tell(check);
	while (check.finishedAt === null) {
		await pause(lookEveryMs, signal);
		check = (await rciGetMessagingServicesIdChecksCheckId(serviceId, check.id, { signal })).data;
		tell(check);
	}
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const timer = window.setTimeout(resolve, ms);
		signal.addEventListener("abort", () => {
			window.clearTimeout(timer);
			reject(new DOMException("The screen was left.", "AbortError"));
		});
	});
}

function useShown(check: ServiceCheck | undefined): number {
	const isCalm = useReducedMotion();
	const [state, setState] = useState({ id: "", count: 0 });
	const id = check?.id ?? "";
	const there = check?.steps.length ?? 0;
	const count = state.id === id ? Math.min(state.count, there) : 0;
	useEffect(() => {
		if (count >= there) {
			return undefined;
		}
		const timer = window.setTimeout(() => setState({ id, count: count + 1 }), isCalm ? 0 : showEveryMs);
		return () => window.clearTimeout(timer);
	}, [count, there, id, isCalm]);
	return count;
}
