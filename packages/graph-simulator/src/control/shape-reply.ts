import { refuse, type Reply } from "../http/reply.ts";
import { ShapeError } from "../shape.ts";

/** Answers 400 with the reason when the data of a request is not what it should be. */
export function answerShape(answer: () => Reply): Reply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof ShapeError) return refuse(400, "BadRequest", error.message);
    throw error;
  }
}
