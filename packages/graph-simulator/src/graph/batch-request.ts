import { isJsonObject, textOf, type JsonObject, type JsonValue } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";

/** Most requests of one batch. */
const MAX_BATCH_REQUESTS = 20;

/** One request of a batch. */
export interface BatchPart {
  readonly id: string;
  readonly method: string;
  /** Relative to the API version, with a slash at its beginning. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
  /** Ids, in the spelling of the request they name. */
  readonly dependsOn: readonly string[];
}

/** A batch that is well-formed: every request can be run. */
export interface ParsedBatch {
  readonly kind: "batch";
  readonly parts: readonly BatchPart[];
}

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]);

/**
 * Reads a batch; what is wrong with one of its requests is wrong with all of it.
 *
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function parseBatch(body: JsonObject): ParsedBatch | Refusal {
  const requests = body["requests"];
  if (!Array.isArray(requests) || requests.length === 0) return invalid("Invalid batch payload format.");
  if (requests.length > MAX_BATCH_REQUESTS) {
    return invalid(`Number of batch request steps exceeds the maximum value of ${MAX_BATCH_REQUESTS}.`);
  }
  const parts: BatchPart[] = [];
  for (const request of requests) {
    const part = parsePart(request);
    if ("kind" in part) return part;
    parts.push(part);
  }
  return refuseIds(parts) ?? refuseDependencies(parts) ?? { kind: "batch", parts };
}

function parsePart(value: JsonValue): BatchPart | Refusal {
  if (!isJsonObject(value)) return invalid("Invalid batch payload format.");
  const id = textOf(value, "id");
  const method = textOf(value, "method")?.toUpperCase();
  const url = textOf(value, "url");
  if (!id || !method || !url) return invalid("Invalid batch payload format.");
  if (!METHODS.has(method)) return invalid(`Unsupported method '${method}' of request '${id}'.`);
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    return invalid(`The url of request '${id}' must be relative.`);
  }
  if (/^\/?\$batch\b/i.test(url)) return invalid(`Request '${id}' must not be a batch itself.`);
  const headers = readHeaders(value["headers"]);
  const dependsOn = readIds(value["dependsOn"]);
  if (!headers || !dependsOn) return invalid("Invalid batch payload format.");
  const part: BatchPart = {
    id,
    method,
    headers,
    dependsOn,
    url: url.startsWith("/") ? url : `/${url}`,
    body: value["body"],
  };
  return refuseBody(part) ?? part;
}

/** A write needs a body, if only an empty object, and a body needs its content type. */
function refuseBody({ id, method, headers, body }: BatchPart): Refusal | undefined {
  if (body !== undefined && headers["content-type"] === undefined) {
    return invalid(`Write request with id '${id}' does not contain a Content-Type header.`);
  }
  const isWrite = method === "POST" || method === "PATCH" || method === "PUT";
  if (isWrite && body === undefined) {
    return invalid(`Write request id : ${id} does not contain Content-Type header or body.`);
  }
  return undefined;
}

function refuseIds(parts: readonly BatchPart[]): Refusal | undefined {
  const ids = new Set(parts.map(({ id }) => id.toLowerCase()));
  // guess: the sentence.
  return ids.size === parts.length ? undefined : invalid("Request Id has to be unique in a batch.");
}

/** Dependencies must be on requests of the batch, and lead nowhere back to where they began. */
function refuseDependencies(parts: readonly BatchPart[]): Refusal | undefined {
  const left = new Map(parts.map(({ id, dependsOn }) => [id.toLowerCase(), dependsOn.map(lowerCase)]));
  for (const [id, dependsOn] of left) {
    const unknown = dependsOn.find((other) => !left.has(other));
    if (unknown !== undefined) return invalid(`Request '${id}' depends on the unknown request '${unknown}'.`);
  }
  while (left.size > 0) {
    const free = [...left].find(([, dependsOn]) => dependsOn.every((other) => !left.has(other)));
    if (!free) return invalid("Requests of a batch must not depend on each other in a circle.");
    left.delete(free[0]);
  }
  return undefined;
}

function readHeaders(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return undefined;
    headers[name.toLowerCase()] = text;
  }
  return headers;
}

function readIds(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  return value.every((id) => typeof id === "string") ? value : undefined;
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}

function invalid(message: string): Refusal {
  return refuse(400, "BadRequest", message);
}
