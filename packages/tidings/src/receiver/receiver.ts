import { ANSWERS, handshakeAnswer, type Answer, type ReceivedRequest } from "../core/answer.ts";
import { MAX_DELIVERY_BYTES, parseDelivery, type Delivery } from "../core/delivery.ts";
import { StoreBrokenError } from "../core/errors.ts";
import type { Report } from "../core/events.ts";
import { decideHandshake } from "../core/handshake.ts";
import { isTooDense } from "../core/json-density.ts";
import { isNotificationPath } from "../core/mark.ts";
import { parseJson } from "../core/parse-json.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Hash } from "../core/ports/hash.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { Store } from "../core/ports/store.ts";
import { splitRequestUrl } from "../core/request-url.ts";
import type { RefusalReason, Routes } from "../core/route.ts";
import { urlKeyOf } from "../core/url-key.ts";
import { Hearing } from "./hearing.ts";
import { Intake } from "./intake.ts";
import { LazyTokenSet } from "./lazy-token-set.ts";
import { screenItems, type Verdict } from "./screen.ts";

/** What accepting a delivery needs; absent until the store is open. */
export interface ReceiverParts {
  readonly keyring: Keyring;
  readonly hash: Hash;
  readonly routes: Routes;
  readonly store: Pick<Store, "append">;
  readonly clock: Clock;
}

export interface ReceiverOptions {
  /** Paths that notifications may come to, without a trailing slash: with and without what a proxy strips. */
  readonly paths: () => readonly string[];
  /** Whether the key in a URL is one of ours; undefined when URLs need none. */
  readonly urlKeyCheck?: () => ((key: string) => boolean) | undefined;
  /** Undefined while starting and after stopping: deliveries are then answered 503, handshakes still 200. */
  readonly parts: () => ReceiverParts | undefined;
  readonly report: Report;
}

/** A stranger chooses the path below ours; no mark is as long. */
const MAX_TOLD_PATH = 512;

export interface Receiver {
  /** Whether a request to this URL, or path, is one for here. */
  serves(url: string): boolean;
  /** Takes one HTTP request to its answer. No user code and no call to Graph runs inside. Never rejects. */
  receive(request: ReceivedRequest): Promise<Answer>;
  /** Whether deliveries are accepted, as far as is known. */
  isReady(): boolean;
  /** Tells what else it would tell later. */
  flush(): void;
}

export function createReceiver({ paths, urlKeyCheck, parts, report }: ReceiverOptions): Receiver {
  const intake = new Intake((error) => {
    if (error instanceof StoreBrokenError) report("store:broken", { error });
  });
  const hearing = new Hearing((heard) => report("subscriptions:heard", { heard }));
  const isOurs = (path: string): boolean => paths().some((own) => isNotificationPath(path, own));
  const isLetIn = (query: string): boolean => {
    const isKey = urlKeyCheck?.();
    if (isKey === undefined) return true;
    const key = urlKeyOf(query);
    return key !== undefined && isKey(key);
  };

  const receive = async (request: ReceivedRequest): Promise<Answer> => {
    const { path, query } = splitRequestUrl(request.url);
    if (!isOurs(path) || !isLetIn(query)) return ANSWERS.notFound;
    if (request.method !== "POST") return ANSWERS.methodNotAllowed;

    const handshake = decideHandshake(query);
    if (handshake.kind === "refuse") return ANSWERS.badRequest;
    if (handshake.kind === "answer") {
      report("handshake:answered", { path: path.slice(0, MAX_TOLD_PATH) });
      return handshakeAnswer(handshake.token);
    }

    const delivery = readDelivery(request);
    if (delivery.kind === "answer") {
      report("delivery:unreadable", { status: delivery.answer.status });
      return delivery.answer;
    }
    const ready = parts();
    if (ready === undefined) return ANSWERS.unavailable;
    const ageMs = request.ageMs ?? stopwatch(ready.clock);
    return accept(delivery, ready, { intake, hearing, report, ageMs });
  };

  return {
    serves: (url) => isOurs(splitRequestUrl(url).path),
    receive,
    isReady() {
      const ready = parts();
      return ready !== undefined && intake.isTaking(ready.clock);
    },
    flush: () => hearing.flush(),
  };
}

type ReadDelivery = Delivery | { readonly kind: "answer"; readonly answer: Answer };

function readDelivery({ headers, body }: ReceivedRequest): ReadDelivery {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return { kind: "answer", answer: ANSWERS.unsupportedEncoding };
  if (body.byteLength > MAX_DELIVERY_BYTES || isTooDense(body))
    return { kind: "answer", answer: ANSWERS.tooLarge };
  const delivery = parseDelivery(parseJson(body));
  if (delivery.kind === "delivery") return delivery;
  const answer = delivery.reason === "too-many-items" ? ANSWERS.tooLarge : ANSWERS.badRequest;
  return { kind: "answer", answer };
}

function stopwatch(clock: Clock): () => number {
  const startedAt = clock.now();
  return () => Math.max(0, clock.now() - startedAt);
}

interface Acceptance {
  readonly intake: Intake;
  readonly hearing: Hearing;
  readonly report: Report;
  /** Of the request. */
  readonly ageMs: () => number;
}

/** All that is accepted of one delivery is written in one append, so it is answered for as a whole. */
async function accept(
  { items, tokens }: Delivery,
  parts: ReceiverParts,
  { intake, hearing, report, ageMs }: Acceptance,
): Promise<Answer> {
  const tokenSet = new LazyTokenSet(tokens, parts.hash);
  const context = {
    ...parts,
    receivedAt: parts.clock.now(),
    source: "webhook",
    tokensKey: () => tokenSet.get()?.key,
  };
  try {
    const atHand = screenItems(items, context);
    const { verdicts } =
      atHand.unknown.size === 0
        ? atHand
        : screenItems(items, { ...context, routes: await findRoutes(atHand.unknown, parts, intake) });
    const rows = verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? verdict.items : []));
    const refusals = refusalsOf(verdicts);
    if (refusals.includes("unwanted") && !parts.routes.isComplete) return ANSWERS.unavailable;
    for (const verdict of verdicts) if (verdict.kind === "accepted") hearing.hear(verdict.heard, parts.clock);
    if (refusals.length > 0) report("items:refused", { reasons: countsOf(refusals) });
    const stored =
      rows.length === 0
        ? { storedCount: 0, duplicateCount: 0 }
        : await intake.append(rows, tokenSet.asked, parts);
    const counts = { itemCount: items.length, refusedCount: refusals.length, ...stored };
    report("delivery:stored", { ...counts, tookMs: ageMs() });
    return ANSWERS.accepted;
  } catch (error) {
    report("delivery:failed", { error, tookMs: ageMs() });
    return ANSWERS.unavailable;
  }
}

/** Those at hand, and of the others those there are. @throws StoreError */
async function findRoutes(
  unknown: Iterable<string>,
  { routes, clock }: ReceiverParts,
  intake: Intake,
): Promise<Pick<Routes, "get">> {
  const found = await intake.ask(async () => routes.find(unknown), clock);
  return { get: (key) => found.get(key) ?? routes.get(key) };
}

/** One event a delivery, however many items it has: a stranger's small body can hold 10,000. */
function countsOf(reasons: readonly RefusalReason[]): Partial<Record<RefusalReason, number>> {
  const counts: Partial<Record<RefusalReason, number>> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function refusalsOf(verdicts: readonly Verdict[]): RefusalReason[] {
  return verdicts.flatMap((verdict) => (verdict.kind === "refused" ? [verdict.reason] : []));
}
