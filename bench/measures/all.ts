// Every measure, in the order of the table.

import type { Measure } from "../measure.ts";
import { acknowledgement } from "./acknowledgement.ts";
import { chats } from "./chats.ts";
import { growth } from "./growth.ts";
import { inboundAlone, inboundMatching, inboundPostgres } from "./inbound.ts";
import { kannel } from "./kannel.ts";
import { memory } from "./memory.ts";
import { neighbours } from "./neighbours.ts";
import { overload } from "./overload.ts";
import { start } from "./start.ts";
import { sustainedInbound, sustainedOutbound } from "./sustained.ts";
import { web } from "./web.ts";

export const measures: readonly Measure[] = [
	inboundAlone,
	inboundMatching,
	inboundPostgres,
	acknowledgement,
	sustainedInbound,
	sustainedOutbound,
	overload,
	neighbours,
	growth,
	chats,
	memory,
	start,
	web,
	kannel,
];
