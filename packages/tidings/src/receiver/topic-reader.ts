import { backoffMs } from "../core/backoff.ts";
import type { Report } from "../core/events.ts";
import type { InboxItem, TokenSet } from "../core/inbox.ts";
import type { KafkaConsumer, ConsumedMessage } from "../core/ports/kafka.ts";
import type { Random } from "../core/ports/random.ts";
import type { SourceProvider } from "../core/ports/inbox.ts";
import type { AppendResult } from "../core/ports/store.ts";
import type { RefusalReason, Routes } from "../core/route.ts";
import { Hearing } from "./hearing.ts";
import { LazyTokenSet } from "./lazy-token-set.ts";
import { readRecord, type RecordContent } from "./read-record.ts";
import type { ReceiverParts } from "./receiver.ts";
import { screenItem, screenProved, type Verdict } from "./screen.ts";

export interface TopicReaderParts extends ReceiverParts {
  readonly source: SourceProvider;
  readonly random: Random;
  readonly report: Report;
}

/** Records that go into the store at once, at most. */
const MAX_RECORDS = 500;
const RETRY = { firstMs: 200, maxMs: 30_000 };
/** How often to look whether this process knows by now what it declares. */
const ROUTES_MS = 200;

/**
 * Reads a topic into the store: proved, screened as what comes by HTTP is, written, and only then committed. What a
 * crash leaves between the last two is read again, and is a duplicate by then. While the store fails nothing is
 * committed, and nothing more is read.
 */
export class TopicReader {
  readonly #parts: TopicReaderParts;
  readonly #stopping = new AbortController();
  readonly #hearing: Hearing;
  #loop: Promise<void> | undefined;
  /** Set while nothing is in hand: then it may be closed. */
  #idle: KafkaConsumer | undefined;

  constructor(parts: TopicReaderParts) {
    this.#parts = parts;
    this.#hearing = new Hearing((heard) => parts.report("subscriptions:heard", { heard }));
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends after what is in hand, or after this time: what was not committed is read again by whoever comes next. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#idle?.close();
    const over = new AbortController();
    await Promise.race([this.#loop, this.#parts.clock.sleep(graceMs, over.signal)]);
    over.abort();
    this.#hearing.flush();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        await this.#read(() => (failures = 0));
      } catch (error) {
        failures += 1;
        await this.#rest(failures, error);
      }
    }
  }

  /** Joins the group, and reads until there is nothing more to be read by this consumer. @throws KafkaError */
  async #read(onProgress: () => void): Promise<void> {
    const { source, clock } = this.#parts;
    const consumer = await source.connect(clock);
    try {
      while (!this.#isStopping) {
        this.#idle = consumer;
        const messages = await consumer.next(MAX_RECORDS);
        this.#idle = undefined;
        if (messages === undefined || !(await this.#store(messages))) return;
        await consumer.commit(messages);
        onProgress();
      }
    } finally {
      this.#idle = undefined;
      await consumer.close();
    }
  }

  /** Writes what was read, however long that takes. @returns false when it was stopped before */
  async #store(messages: readonly ConsumedMessage[]): Promise<boolean> {
    for (let failures = 1; !this.#isStopping; failures += 1) {
      try {
        if (await this.#tryToStore(messages)) return true;
        await this.#parts.clock.sleep(ROUTES_MS, this.#stopping.signal);
      } catch (error) {
        await this.#rest(failures, error);
      }
    }
    return false;
  }

  /** @returns false while it is not known what is wanted. @throws StoreError */
  async #tryToStore(messages: readonly ConsumedMessage[]): Promise<boolean> {
    const { store, routes, report, source, clock } = this.#parts;
    const read = messages.map((message) => ({ message, content: readRecord(message, this.#parts) }));
    const keys = new Set<string>();
    const known = { get: (key: string) => void keys.add(key) };
    for (const { message, content } of read)
      if (typeof content !== "string") this.#screen(message, content, known);
    const found = await routes.find(keys);
    const screened = read.flatMap(({ message, content }) =>
      typeof content === "string" ? [] : [this.#screen(message, content, found)],
    );
    const verdicts = screened.flatMap((each) => each.verdicts);
    const refusals = verdicts.flatMap((verdict) => (verdict.kind === "refused" ? [verdict.reason] : []));
    if (refusals.includes("unwanted") && !routes.isComplete) return false;
    const total = { storedCount: 0, duplicateCount: 0 };
    for (const { items, tokens } of batchesOf(screened)) add(total, await store.append(items, tokens));
    for (const verdict of verdicts) if (verdict.kind === "accepted") this.#hearing.hear(verdict.heard, clock);
    this.#tellRefused(read, refusals);
    report("records:stored", { source: source.description, recordCount: messages.length, ...total });
    return true;
  }

  #screen(message: ConsumedMessage, content: RecordContent, routes: Pick<Routes, "get">): Screened {
    const { items, tokens, subscriptionKey, receivedAt } = content;
    const tokenSet = new LazyTokenSet(tokens, this.#parts.hash);
    const context = {
      ...this.#parts,
      routes,
      receivedAt,
      source: "kafka",
      tokensKey: () => tokenSet.get()?.key,
    };
    const verdicts = items.map((item, place) => {
      const verdict =
        subscriptionKey === undefined || item.kind === "malformed"
          ? screenItem(item, context)
          : screenProved(item, subscriptionKey, context);
      return verdict.kind === "refused" ? verdict : this.#placed(verdict, message, place);
    });
    return { verdicts, tokens: tokenSet.asked };
  }

  /**
   * What nothing makes recognisable is recognised by its place, so that it is a duplicate when it is read again. The time
   * tells it from one at the same place of another topic that had the same name.
   */
  #placed(
    verdict: Verdict & { readonly kind: "accepted" },
    { topic, partition, offset, writtenAt }: ConsumedMessage,
    place: number,
  ): Verdict {
    const where = JSON.stringify(["record", topic, partition, String(offset), writtenAt, place]);
    const items = verdict.items.map((item) => ({
      ...item,
      identity: item.identity ?? this.#parts.hash(where),
    }));
    return { ...verdict, items };
  }

  #tellRefused(
    read: readonly { readonly message: ConsumedMessage; readonly content: unknown }[],
    refusals: readonly RefusalReason[],
  ): void {
    const { report, source } = this.#parts;
    for (const { message, content } of read) {
      if (content !== "unproved" && content !== "unreadable" && content !== "too-new") continue;
      const { topic, partition, offset } = message;
      const where = { topic, partition, offset: String(offset) };
      report("record:refused", { source: source.description, ...where, reason: content });
    }
    if (refusals.length === 0) return;
    const counts = Map.groupBy(refusals, (reason) => reason);
    const reasons = Object.fromEntries([...counts].map(([reason, all]) => [reason, all.length]));
    report("items:refused", { reasons });
  }

  async #rest(failures: number, error: unknown): Promise<void> {
    const { clock, random, report, source } = this.#parts;
    if (this.#isStopping) return;
    const waitMs = backoffMs(failures, RETRY, random);
    report("source:failed", { source: source.description, error, retryAt: clock.now() + waitMs });
    await clock.sleep(waitMs, this.#stopping.signal);
  }
}

interface Screened {
  readonly verdicts: readonly Verdict[];
  readonly tokens: TokenSet | undefined;
}

interface Batch {
  readonly items: readonly InboxItem[];
  readonly tokens: TokenSet | undefined;
}

/** In order, as few as there can be: the store takes the tokens of one delivery at a time. */
function batchesOf(screened: readonly Screened[]): Batch[] {
  const batches: { items: InboxItem[]; tokens: TokenSet | undefined }[] = [];
  for (const { verdicts, tokens } of screened) {
    const items = verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? verdict.items : []));
    if (items.length === 0) continue;
    const last = batches.at(-1);
    if (last === undefined || (tokens !== undefined && (last.tokens ?? tokens).key !== tokens.key)) {
      batches.push({ items, tokens });
    } else {
      last.items.push(...items);
      last.tokens ??= tokens;
    }
  }
  return batches;
}

function add(total: { storedCount: number; duplicateCount: number }, result: AppendResult): void {
  total.storedCount += result.storedCount;
  total.duplicateCount += result.duplicateCount;
}
