// The process of the people in chats: one crowd after the other, as asked.

import { answerQuestions } from "./child.ts";
import { gather, type PeopleJob } from "./people.ts";

answerQuestions((question, setMark) => gather(question as PeopleJob, setMark));
