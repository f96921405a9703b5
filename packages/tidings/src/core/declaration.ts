import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";
import { resourceKindOf } from "./resource-kinds.ts";
import {
  parseResourceTemplate,
  resourceQuery,
  type ResourceQuery,
  type ResourceTemplate,
} from "./resource-template.ts";

/** What a user may say of a declaration beyond its resource. */
export interface DeclarationOptions extends ResourceQuery {
  /**
   * Durable identity: what waits in the inbox is handed to the declaration of this name after a restart.
   * No white space. A second declaration on one resource needs one.
   * @default the resource, without white space or a leading slash
   */
  readonly name?: string | undefined;
  /**
   * Which changes to be told of.
   * @default every change Graph tells of this kind of resource
   */
  readonly changeType?: ChangeType | readonly ChangeType[] | undefined;
  /**
   * `each`: every notification, in order. `latest`: what waits for one resource becomes one call with the newest;
   * for handlers that read the resource anyway.
   * @default "each"
   */
  readonly mode?: HandlerMode | undefined;
  /** Handlers of this declaration that run at once, from 1 up. @default 16 */
  readonly concurrency?: number | undefined;
  /** How long a handler may take, in milliseconds from 1 up. Then it has failed. @default 60 s */
  readonly timeoutMs?: number | undefined;
  /** @default 12 attempts, waits from 1 s to 15 min */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** How changes of one resource come to the handler. */
export type HandlerMode = "each" | "latest";

/** A declaration with every default resolved; plain data. */
export interface DeclarationSpec {
  readonly name: string;
  readonly template: ResourceTemplate;
  readonly query: string;
  readonly changeTypes: readonly ChangeType[];
  readonly mode: HandlerMode;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
}

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_TIMEOUT_MS = 60_000;

/** @throws TypeError when the resource or an option makes no sense, with the value shown */
export function resolveDeclaration(resource: string, options: DeclarationOptions = {}): DeclarationSpec {
  const template = parseResourceTemplate(resource);
  const name = options.name ?? resource.replace(/^\//, "").replaceAll(/\s/g, "");
  if (name === "" || /[\s\p{Cc}]/u.test(name)) {
    throw new TypeError(`Expected \`name\` to be a word without white space, got \`${name}\``);
  }
  return {
    name,
    template,
    query: resourceQuery(template, options),
    changeTypes: resolveChangeTypes(resource, template, options.changeType),
    mode: resolveMode(options.mode),
    concurrency: resolveNumber("concurrency", options.concurrency, DEFAULT_CONCURRENCY),
    timeoutMs: resolveNumber("timeoutMs", options.timeoutMs, DEFAULT_TIMEOUT_MS),
    retry: resolveRetry(options.retry),
  };
}

function resolveMode(mode: string = "each"): HandlerMode {
  if (mode === "each" || mode === "latest") return mode;
  throw new TypeError(`Expected \`mode\` to be each or latest, got \`${mode}\``);
}

function resolveRetry(retry: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    attempts: resolveNumber("retry.attempts", retry.attempts, DEFAULT_RETRY.attempts),
    firstMs: resolveNumber("retry.firstMs", retry.firstMs, DEFAULT_RETRY.firstMs),
    maxMs: resolveNumber("retry.maxMs", retry.maxMs, DEFAULT_RETRY.maxMs),
  };
}

function resolveNumber(name: string, value: number | undefined, otherwise: number): number {
  const number = value ?? otherwise;
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`Expected \`${name}\` to be a whole number from 1 up, got \`${number}\``);
}

function resolveChangeTypes(
  resource: string,
  template: ResourceTemplate,
  asked: DeclarationOptions["changeType"],
): readonly ChangeType[] {
  const kind = resourceKindOf(template.path);
  const wanted: readonly string[] = asked === undefined ? kind.changeTypes : [asked].flat();
  const unknown = wanted.find((type) => !CHANGE_TYPES.some((known) => known === type));
  if (unknown !== undefined || wanted.length === 0) {
    throw new TypeError(
      `Expected \`changeType\` to be of ${CHANGE_TYPES.join(", ")}, got \`${unknown ?? "[]"}\``,
    );
  }
  const never = wanted.find((type) => !kind.changeTypes.some((told) => told === type));
  if (never !== undefined) {
    throw new TypeError(
      `Expected \`changeType\` of \`${resource}\` to be of ${kind.changeTypes.join(", ")}, got \`${never}\`: ${
        kind.changeTypes.join() === "updated,deleted" && never === "created"
          ? "Graph tells of a new one as `updated`"
          : "Graph never tells of it"
      }`,
    );
  }
  return CHANGE_TYPES.filter((type) => wanted.includes(type));
}

/** A resource without parameters subscribes by itself; one with them waits for `subscribe()`. */
export function subscribesByItself(spec: DeclarationSpec): boolean {
  return spec.template.paramNames.length === 0;
}
