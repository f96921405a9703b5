/** Names of .NET's `HttpStatusCode`, which is what the services behind Graph write. */
const STATUS_OF_NAME: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  PaymentRequired: 402,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  Conflict: 409,
  Gone: 410,
  PreconditionFailed: 412,
  Locked: 423,
  FailedDependency: 424,
  TooManyRequests: 429,
  InternalServerError: 500,
  NotImplemented: 501,
  BadGateway: 502,
  ServiceUnavailable: 503,
  GatewayTimeout: 504,
};

/**
 * The status that a service behind Graph gave, as an `ExtensionError` quotes it:
 * `Operation: Create; Exception: [Status Code: Forbidden; Reason: …]`.
 *
 * @returns undefined when the message quotes none, or one that is not known
 * @see https://learn.microsoft.com/answers/questions/417261 where the outer status was another one
 */
export function embeddedStatus(message: string): number | undefined {
  const [, code = ""] = /\bStatus Code:\s*([A-Za-z]+|\d{3})\b/i.exec(message) ?? [];
  if (/^\d+$/.test(code)) return Number(code);
  const name = Object.keys(STATUS_OF_NAME).find((known) => known.toLowerCase() === code.toLowerCase());
  return name === undefined ? undefined : STATUS_OF_NAME[name];
}
