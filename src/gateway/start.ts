// The SMS Server as a whole, in one thread. In production its halves have a thread each (`commands/serve.ts`).

import type { FastifyInstance } from "fastify";
import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import { type DeliveryDeps, startDeliveries } from "./deliveries.ts";
import { type DoorDeps, startDoors } from "./doors.ts";

export async function startGateway(app: FastifyInstance, deps: DoorDeps & DeliveryDeps): Promise<RunningWorker> {
	return workersTogether([await startDoors(app, deps), await startDeliveries(deps)]);
}
