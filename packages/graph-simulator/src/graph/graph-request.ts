import { isJsonObject, parseJson, type JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { Caller } from "../tenancy.ts";

/** An authenticated request to the Graph API. */
export interface GraphRequest extends HttpRequest {
  readonly caller: Caller;
  /** Address of the API version in use, for example `http://127.0.0.1:4010/v1.0`: the base of absolute links. */
  readonly root: string;
}

/** The JSON object a write request carries. */
export interface JsonBody {
  readonly kind: "json";
  readonly value: JsonObject;
}

/** Reads the body of a write request. */
export function readJsonBody(request: HttpRequest): JsonBody | Refusal {
  const contentType = request.headers["content-type"];
  if (contentType === undefined) {
    return refuse(
      400,
      "BadRequest",
      "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
    );
  }
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType)) {
    return refuse(400, "BadRequest", "Entity only allows writes with a JSON Content-Type header.");
  }
  const value = parseJson(request.body);
  if (isJsonObject(value)) return { kind: "json", value };
  return refuse(
    400,
    "BadRequest",
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
  );
}
