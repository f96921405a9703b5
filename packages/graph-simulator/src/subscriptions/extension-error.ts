import { STATUS_CODES } from "node:http";

import { refuse, type Refusal } from "../http/reply.ts";

export type Operation = "Create" | "Read" | "Update" | "Delete";

/**
 * A refusal of the service behind Graph, embedded in Graph's own: the outer status repeats the inner one.
 *
 * @param reason what follows `Reason: `
 */
export function extensionError(operation: Operation, status: number, reason: string): Refusal {
  return refuse(
    status,
    "ExtensionError",
    `Operation: ${operation}; Exception: [Status Code: ${statusName(status)}; Reason: ${reason}]`,
  );
}

/** As .NET names status codes: `403` is `Forbidden`, `500` is `InternalServerError`, `429` has no name. */
export function statusName(status: number): string {
  if (status === 429) return "429";
  return STATUS_CODES[status]?.replaceAll(/[^A-Za-z]/g, "") ?? String(status);
}
