// What has to be asked again when the sandbox was started, stopped or told to misbehave.

import { useQueryClient } from "@tanstack/react-query";

export function useRefreshSandbox(): () => Promise<void> {
	const queries = useQueryClient();
	return async () => {
		await queries.invalidateQueries({ queryKey: ["sandbox"] });
		await queries.invalidateQueries({ queryKey: ["services"] });
	};
}
