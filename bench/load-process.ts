// The load generator's process: one load after the other, as asked.

import { answerQuestions } from "./child.ts";
import { type LoadJob, runLoad } from "./load.ts";

answerQuestions((question, setMark) => runLoad(question as LoadJob, setMark));
