/** Codes of all errors of this library; each is explained in docs/errors.md. */
export type TidingsErrorCode = AnyTidingsError["code"];

/** An operation failed for a reason outside the program: the network, Graph, the disk. */
export abstract class TidingsError extends Error {
  /** Stable; safe to switch on. */
  abstract readonly code: string;
  /** True when the same call may succeed later without the caller changing anything. */
  abstract readonly retryable: boolean;
}

/** What Graph said when it refused a request. */
export interface GraphRefusal {
  readonly method: string;
  /** Path below the Graph root, without query: ids, never a secret. */
  readonly path: string;
  readonly status: number;
  /** Graph's `error.code`, as it came. */
  readonly graphCode: string | undefined;
  /** Graph's `error.message`, as it came. */
  readonly graphMessage: string | undefined;
  /** What Microsoft's support asks for. */
  readonly requestId: string | undefined;
  /** Graph's `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Graph answered with an error. `status` and `graphMessage` say which; Graph's codes are not reliable. */
export class GraphRefusedError extends TidingsError implements GraphRefusal {
  override readonly name = "GraphRefusedError";
  readonly code = "ERR_GRAPH_REFUSED";
  readonly retryable: boolean;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly graphCode: string | undefined;
  readonly graphMessage: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(refusal: GraphRefusal) {
    const { method, path, status, graphCode, graphMessage, requestId } = refusal;
    super(
      `Graph refused ${method} ${path}: ${status} ${graphCode ?? ""} ${graphMessage ?? ""} (request-id ${requestId ?? "none"})`,
    );
    this.method = method;
    this.path = path;
    this.status = status;
    this.graphCode = graphCode;
    this.graphMessage = graphMessage;
    this.requestId = requestId;
    this.retryAfterMs = refusal.retryAfterMs;
    this.retryable = RETRYABLE_STATUS.has(status);
  }
}

/** No answer came from Graph: no connection, or none in time. */
export class GraphUnreachableError extends TidingsError {
  override readonly name = "GraphUnreachableError";
  readonly code = "ERR_GRAPH_UNREACHABLE";
  readonly retryable = true;

  constructor(method: string, path: string, options: ErrorOptions) {
    super(`Graph did not answer ${method} ${path}`, options);
  }
}

/** What was wrong with an answer. */
export type GraphAnswerFault = "too-large" | "not-json" | "incomplete" | "foreign-link";

const FAULT_SENTENCE: Readonly<Record<GraphAnswerFault, string>> = {
  "too-large": "with more than it may have: ask for less at a time, or raise `maxAnswerBytes`",
  "not-json": "with something that is not JSON: a proxy's page, or content to be had in another way",
  incomplete: "without what was asked for",
  "foreign-link": "with a link to another host, which must not get the token",
};

/** Graph answered, but with something that cannot be used. */
export class GraphAnswerError extends TidingsError {
  override readonly name = "GraphAnswerError";
  readonly code = "ERR_GRAPH_ANSWER";
  readonly retryable: boolean;
  readonly fault: GraphAnswerFault;

  constructor(method: string, path: string, fault: GraphAnswerFault) {
    super(`Graph answered ${method} ${path} ${FAULT_SENTENCE[fault]}`);
    this.fault = fault;
    this.retryable = fault === "not-json" || fault === "incomplete";
  }
}

/** Why a request was not sent. */
export type OutboundFault = "foreign-host" | "address" | "token";

const OUTBOUND_SENTENCE: Readonly<Record<OutboundFault, string>> = {
  "foreign-host": "it is none of the places that are asked",
  address: "its name leads to an address that is not public",
  token: "it must not get the token",
};

/** A request was not sent: it would have gone somewhere, or taken something there, that it must not. */
export class OutboundRefusedError extends TidingsError {
  override readonly name = "OutboundRefusedError";
  readonly code = "ERR_OUTBOUND_REFUSED";
  readonly retryable: boolean;
  readonly fault: OutboundFault;

  constructor(host: string, fault: OutboundFault) {
    super(`Nothing was sent to ${host}: ${OUTBOUND_SENTENCE[fault]}`);
    this.fault = fault;
    // What a name leads to can change; where requests may go cannot.
    this.retryable = fault === "address";
  }
}

/** A request would have had to wait longer than it may for Graph's limits. It was not sent. */
export class GraphThrottledError extends TidingsError {
  override readonly name = "GraphThrottledError";
  readonly code = "ERR_GRAPH_THROTTLED";
  readonly retryable = true;
  /** Until Graph may be asked again, in milliseconds; undefined when too many others wait to say. */
  readonly retryAfterMs: number | undefined;

  constructor(method: string, path: string, retryAfterMs: number | undefined) {
    const when = retryAfterMs === undefined ? "" : ` Graph asked for ${retryAfterMs} ms more.`;
    super(`${method} ${path} was not sent: it would wait too long for Graph's limits.${when}`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The credential gave no access token. */
export class CredentialError extends TidingsError {
  override readonly name = "CredentialError";
  readonly code = "ERR_CREDENTIAL";
  readonly retryable = true;

  constructor(scope: string, options?: ErrorOptions) {
    super(`The credential gave no token for ${scope}`, options);
  }
}

/**
 * A notification of a subscription with resource data is not what Graph sends: its validation token, its signature or
 * its encryption is wrong. One class and one message for all faults, so that nobody learns from it which it was.
 */
export class ContentRefusedError extends TidingsError {
  override readonly name = "ContentRefusedError";
  readonly code = "ERR_CONTENT_REFUSED";
  readonly retryable = false;

  constructor() {
    super("The notification is not proved to come from Graph, or its resource data cannot be trusted");
  }
}

/** What kind of key could not be had. */
export type KeyKind = "certificate" | "signing keys" | "app id";

/** Keys that notifications are checked or decrypted with are not there by now. What needs them waits. */
export class KeysUnavailableError extends TidingsError {
  override readonly name = "KeysUnavailableError";
  readonly code = "ERR_KEYS_UNAVAILABLE";
  readonly retryable = true;
  readonly kind: KeyKind;

  /** @param where says which, and where they were looked for; never key material */
  constructor(kind: KeyKind, where: string, options?: ErrorOptions) {
    super(`No ${kind}: ${where}`, options);
    this.kind = kind;
  }
}

/** The store could not be opened, read or written. */
export class StoreError extends TidingsError {
  override readonly name = "StoreError";
  readonly code = "ERR_STORE";
  readonly retryable = true;
}

/** Too much waits to be written already: the disk is slower than what arrives. Refused at once, nothing is lost. */
export class StoreBusyError extends TidingsError {
  override readonly name = "StoreBusyError";
  readonly code = "ERR_STORE_BUSY";
  readonly retryable = true;

  constructor(waitingCount: number) {
    super(`${waitingCount} items wait for the disk already`);
  }
}

/**
 * The disk failed in a way after which its word cannot be taken: a sync that failed may succeed next time without
 * having written anything. The process must end and the disk be looked at; the next one reads what is really there.
 */
export class StoreBrokenError extends TidingsError {
  override readonly name = "StoreBrokenError";
  readonly code = "ERR_STORE_BROKEN";
  readonly retryable = false;
}

/** Another holder has the right to run the inbox by now. What was to be written is done again there. */
export class LeaseLostError extends TidingsError {
  override readonly name = "LeaseLostError";
  readonly code = "ERR_LEASE_LOST";
  readonly retryable = false;

  constructor() {
    super("The lease of the inbox was lost, so the outcome was not written");
  }
}

/** The store's folder is on a file system that forgets, or that SQLite must not be on. */
export class UnsuitableFileSystemError extends TidingsError {
  override readonly name = "UnsuitableFileSystemError";
  readonly code = "ERR_UNSUITABLE_FILE_SYSTEM";
  readonly retryable = false;

  constructor(where: string, what: string) {
    super(
      `${where} would be on ${what}. Give it a disk of its own, or say \`allowEphemeral: true\` if losing it is fine.`,
    );
  }
}

/** The store was written by a newer version of this library; opening it with this one could lose what that wrote. */
export class StoreTooNewError extends TidingsError {
  override readonly name = "StoreTooNewError";
  readonly code = "ERR_STORE_TOO_NEW";
  readonly retryable = false;

  /** Schema version of the store. */
  readonly found: number;
  /** The newest this library knows. */
  readonly known: number;

  constructor(where: string, found: number, known: number) {
    super(
      `${where} has schema version ${found}; this version of tidings knows up to ${known}. Upgrade tidings, or give it another store.`,
    );
    this.found = found;
    this.known = known;
  }
}

/** Another process has the store open. */
export class StoreInUseError extends TidingsError {
  override readonly name = "StoreInUseError";
  readonly code = "ERR_STORE_IN_USE";
  readonly retryable = true;

  constructor(where: string, options?: ErrorOptions) {
    super(
      `${where} is in use by another process. One process at a time may run on a SQLite file: stop the other, or give this one another file.`,
      options,
    );
  }
}

/** The store holds the subscriptions of an app of another name, which only that name can recognise at Graph. */
export class StoreOfAnotherAppError extends TidingsError {
  override readonly name = "StoreOfAnotherAppError";
  readonly code = "ERR_STORE_OF_ANOTHER_APP";
  readonly retryable = false;

  constructor(where: string, owner: string, app: string) {
    super(
      `${where} belongs to the app \`${owner}\`, not to \`${app}\`. Give each app a store of its own, or keep the name.`,
    );
  }
}

/** What stands between us and a topic. */
export type KafkaFault =
  | "unreachable"
  | "late"
  | "unavailable"
  | "held-back"
  | "no-topic"
  | "unauthenticated"
  | "unauthorized"
  | "too-large"
  | "refused"
  | "closed"
  | "no-client";

const KAFKA_SENTENCE: Readonly<Record<KafkaFault, string>> = {
  unreachable: "No Kafka broker could be reached",
  late: "Kafka did not answer in time",
  unavailable: "Kafka cannot do it now",
  "held-back": "Not written, since a message before it with the same key was not",
  "no-topic": "Kafka does not know the topic",
  unauthenticated: "Kafka did not accept our credentials",
  unauthorized: "Kafka does not allow it: give the app the right to write to, or read, the topic",
  "too-large": "The message is larger than Kafka, or `maxMessageBytes`, allows",
  refused: "Kafka refused",
  closed: "The connection to Kafka was closed by the app",
  "no-client": "The package `@platformatic/kafka` is not there: run `npm install @platformatic/kafka`",
};

const RETRYABLE_KAFKA_FAULT: ReadonlySet<KafkaFault> = new Set([
  "unreachable",
  "late",
  "unavailable",
  "held-back",
  "no-topic",
]);

/** Something was not written to Kafka, or not read; `fault` says why. After `late` and `unreachable` it may have been. */
export class KafkaError extends TidingsError {
  override readonly name = "KafkaError";
  readonly code = "ERR_KAFKA";
  readonly retryable: boolean;
  readonly fault: KafkaFault;

  /** @param detail what the broker or the network said; never a secret or a body */
  constructor(fault: KafkaFault, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? KAFKA_SENTENCE[fault] : `${KAFKA_SENTENCE[fault]}: ${detail}`, options);
    this.fault = fault;
    this.retryable = RETRYABLE_KAFKA_FAULT.has(fault);
  }
}

/** Nobody reads our stdout any more, or it cannot be written. What was to be written there waits for the next process. */
export class StdoutError extends TidingsError {
  override readonly name = "StdoutError";
  readonly code = "ERR_STDOUT";
  readonly retryable = false;

  constructor(options: ErrorOptions) {
    super("Nothing can be written to stdout", options);
  }
}

export type AnyTidingsError =
  | GraphRefusedError
  | GraphUnreachableError
  | GraphAnswerError
  | GraphThrottledError
  | OutboundRefusedError
  | CredentialError
  | ContentRefusedError
  | KeysUnavailableError
  | StoreError
  | StoreBusyError
  | StoreBrokenError
  | UnsuitableFileSystemError
  | StoreTooNewError
  | StoreOfAnotherAppError
  | StoreInUseError
  | KafkaError
  | StdoutError;
