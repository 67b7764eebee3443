#!/usr/bin/env node
// The first file of the program, in JavaScript: it opens the store of what was compiled before, so that nothing has to be
// stripped of its types and compiled again. A start takes half the time and 20 MiB less (measured).

import { enableCompileCache } from "node:module";
import { join } from "node:path";

const store = process.env["NODE_COMPILE_CACHE"] || join(import.meta.dirname, "../.parley/compiled");
process.env["NODE_COMPILE_CACHE"] = store; // The second thread is started with it.
enableCompileCache(store);
await import("./main.ts");
