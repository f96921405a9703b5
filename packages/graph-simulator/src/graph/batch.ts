import type { JsonObject } from "../http/json.ts";
import { errorBody, json, refuse, type Reply } from "../http/reply.ts";
import type { Random } from "../random.ts";
import { parseBatch, type BatchPart } from "./batch-request.ts";
import { readJsonBody, type GraphRequest } from "./graph-request.ts";

/** Outlook runs so many requests for one mailbox at a time. */
const MAX_PER_MAILBOX = 4;

const MAILBOX_PATH = /^\/users\/([^/]+)\/(?:messages|mailFolders|events|calendar|contacts|contactFolders)/i;

export interface BatchOptions {
  readonly random: Random;
  /** Answers one request of a batch, just as if it had come alone. */
  readonly answerPart: (request: GraphRequest) => Promise<Reply>;
}

/** An answer, and to which request. */
interface Answered {
  readonly id: string;
  readonly request: GraphRequest;
  readonly reply: Reply;
}

/**
 * `$batch`: up to twenty requests in one.
 *
 * Each is run as soon as those it depends on are answered, the ones for one mailbox at most four at a time. The answers
 * come in no order.
 *
 * @see https://learn.microsoft.com/graph/json-batching
 */
export class Batch {
  readonly #options: BatchOptions;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  async answer(request: GraphRequest): Promise<Reply> {
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const batch = parseBatch(body.value);
    if (batch.kind === "refused") return batch;
    const answers = await this.#run(batch.parts, request);
    return json(200, { responses: this.#shuffled(answers).map(toResponse) });
  }

  #run(parts: readonly BatchPart[], batch: GraphRequest): Promise<readonly Answered[]> {
    const pending = new Map<string, Promise<Answered>>();
    const mailboxes = new Map<string, Places>();
    const answerOf = (part: BatchPart): Promise<Answered> => {
      const key = part.id.toLowerCase();
      const known = pending.get(key);
      if (known) return known;
      const needed = parts.filter((other) =>
        part.dependsOn.some((id) => id.toLowerCase() === other.id.toLowerCase()),
      );
      const answer = Promise.all(needed.map(answerOf)).then(async (before) => {
        const request = toRequest(part, batch);
        const hasFailed = before.some(({ reply }) => reply.status >= 400);
        const reply = hasFailed ? failedDependency() : await this.#place(part, request, mailboxes);
        return { id: part.id, request, reply };
      });
      pending.set(key, answer);
      return answer;
    };
    return Promise.all(parts.map(answerOf));
  }

  #place(part: BatchPart, request: GraphRequest, mailboxes: Map<string, Places>): Promise<Reply> {
    const { answerPart } = this.#options;
    const mailbox = MAILBOX_PATH.exec(part.url)?.[1]?.toLowerCase();
    if (mailbox === undefined) return answerPart(request);
    const places = mailboxes.get(mailbox) ?? new Places(MAX_PER_MAILBOX);
    mailboxes.set(mailbox, places);
    return places.use(() => answerPart(request));
  }

  #shuffled(answers: readonly Answered[]): readonly Answered[] {
    return answers
      .map((answer) => ({ answer, order: this.#options.random.fraction() }))
      .toSorted((one, other) => one.order - other.order)
      .map(({ answer }) => answer);
  }
}

/** So many at a time; the others wait in the order they came. */
class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

function toRequest(part: BatchPart, batch: GraphRequest): GraphRequest {
  const [path = "", query = ""] = splitOnce(part.url, "?");
  const version = batch.root.slice(batch.origin.length);
  return {
    ...batch,
    method: part.method,
    path: `${version}${path}`,
    query: new URLSearchParams(query),
    headers: { ...part.headers, authorization: batch.headers.authorization },
    body: part.body === undefined ? "" : JSON.stringify(part.body),
  };
}

function toResponse({ id, request, reply }: Answered): JsonObject {
  const headers = Object.fromEntries(
    Object.entries(reply.headers ?? {}).map(([name, value]) => [capitalise(name), value]),
  );
  if (reply.kind === "empty") return { id, status: reply.status, headers };
  if (reply.kind === "text") return { id, status: reply.status, headers, body: reply.body };
  const body: object = reply.kind === "json" ? reply.body : errorBody(reply, request);
  return {
    id,
    status: reply.status,
    headers: { ...headers, "Content-Type": "application/json" },
    body: { ...body },
  };
}

function failedDependency(): Reply {
  return refuse(424, "FailedDependency", "A request that this one depends on has failed.");
}

/** `retry-after` becomes `Retry-After`; the names that begin with `x-` stay as they are. */
function capitalise(name: string): string {
  return name.startsWith("x-") ? name : name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
