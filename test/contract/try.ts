import { wrongTypesAreBorne } from "./conformance/reading.ts";
import { wrongTypes } from "./conformance/noise.ts";
import { subjectOf } from "./conformance/subject.ts";
const s = subjectOf("sinchconversation");
console.log([...wrongTypes(s.fixtures)].length);
for (let i = 0; i < 3; i++) { const t = performance.now(); wrongTypesAreBorne(s); console.log(performance.now() - t); }
