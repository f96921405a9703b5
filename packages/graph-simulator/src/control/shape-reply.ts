import type { HttpRequest } from "../http/exchange.ts";
import { parseJson } from "../http/json.ts";
import { refuse, type Reply } from "../http/reply.ts";
import { Shape, ShapeError } from "../shape.ts";

/** Answers 400 with the reason when the data of a request is not what it should be. */
export async function answerShape(answer: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ShapeError) return refuse(400, "BadRequest", error.message);
    throw error;
  }
}

/**
 * The body of a request, read property by property; none is an empty object.
 *
 * @throws ShapeError when it is no object
 */
export function bodyShape(request: HttpRequest): Shape {
  return new Shape(request.body === "" ? {} : parseJson(request.body), "");
}
