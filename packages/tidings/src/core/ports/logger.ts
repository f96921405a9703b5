/** Facts that belong to a log line. Never a secret, a token or a body. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Messages are constant, lower-case sentences; what varies is in the fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
