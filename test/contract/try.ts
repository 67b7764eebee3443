import { checks } from "./conformance/checks.ts";
import { registeredSubjects } from "./conformance/subject.ts";
const sum: Record<string, number> = {};
for (const subject of registeredSubjects()) for (const [name, check] of Object.entries(checks)) { const t = performance.now(); await check(subject); sum[name] = (sum[name] ?? 0) + performance.now() - t; }
console.log(sum);
