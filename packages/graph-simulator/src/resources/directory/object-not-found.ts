import { refuse, type Refusal } from "../../http/reply.ts";

/** What the directory says of an object it does not have. */
export function objectNotFound(id: string): Refusal {
  return refuse(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
