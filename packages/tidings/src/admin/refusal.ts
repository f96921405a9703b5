import { TidingsError } from "../core/errors.ts";
import { errorText } from "../core/error-text.ts";

/** Why a request is not carried out. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Stable; listed in docs/admin.md. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Input that makes no sense; the sentence shows the value. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, "bad-request", message);
}

/** What an error of whatever kind is answered with. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TidingsError) return new Refusal(503, error.code, error.message);
  const { name, message } = errorText(error);
  return new Refusal(500, "failed", `${name}: ${message}`);
}
