import { isJsonObject, parseJson, textOf, type JsonObject } from "../http/json.ts";
import { startSimulator } from "../simulator.ts";
import { Arguments } from "./arguments.ts";
import { CommandError, messageOf } from "./command-error.ts";
import { interrupted, writeLine } from "./lines.ts";

export const TRAFFIC_USAGE = `Usage: graph-simulator traffic [options]

Makes lifelike change in a simulator: skewed over its users, mixed of kinds.

Options:
  --url <url>      the simulator that runs already (default: one of its own, on port 4010)
  --port <n>       port of its own one; 0 for any free one
  --rate <n>       changes a second, on average (default 10)
  --for <duration> how long, on the simulator's clock: 30s, 5m, 4h (default until Ctrl-C)
  --mix <list>     kinds and how often each, for example message=90,user=10
  --seed <n>       number that makes the same changes again (default random)
  --json           the last line is one JSON object, and the only one
  --help           this text

Exit codes: 0 the time is over or ended by Ctrl-C, 1 could not go on, 2 wrong usage.
`;

const PROGRESS_MS = 1_000;

/** As long as no one says: longer than anybody looks. */
const FOREVER_MS = 365 * 24 * 60 * 60 * 1000;

interface Target extends AsyncDisposable {
  readonly url: string;
}

/** Makes traffic until its time is over, and says how it goes. */
export async function traffic(argv: readonly string[]): Promise<number> {
  const args = new Arguments(argv, {
    url: { type: "string" },
    port: { type: "string" },
    rate: { type: "string" },
    for: { type: "string" },
    mix: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  });
  const wanted: JsonObject = {
    ratePerSecond: args.rate("rate") ?? 10,
    for: args.durationMs("for") ?? FOREVER_MS,
    mix: readMix(args.text("mix")),
    seed: args.count("seed", Number.MAX_SAFE_INTEGER),
  };
  const asJson = args.flag("json");
  await using target = await reach(args, asJson);
  const interruption = interrupted();
  const started = await ask("POST", `${target.url}/_simulator/traffic`, wanted);
  const address = `${target.url}/_simulator/traffic/${textOf(started, "id") ?? ""}`;
  const last = await follow(address, { asJson, interruption });
  const totals = await ask("GET", `${target.url}/_simulator/ledger/totals`);
  writeLine(asJson ? JSON.stringify({ ...last, ledger: totals }) : describe(last));
  return 0;
}

/** The simulator that is named, or one of its own. */
async function reach(args: Arguments, asJson: boolean): Promise<Target> {
  const url = args.text("url");
  if (url !== undefined) {
    if (!URL.canParse(url))
      throw new CommandError(`Expected --url to be a URL, got '${url}'`, { isUsage: true });
    return { url: url.replace(/\/+$/, ""), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const port = args.count("port", 65_535) ?? 4010;
  try {
    const simulator = await startSimulator({ port });
    if (!asJson) writeLine(`Graph simulator at ${simulator.url}`);
    return simulator;
  } catch (error) {
    throw new CommandError(`graph-simulator could not start: ${messageOf(error)}`, { cause: error });
  }
}

/** Asks how it goes each second until it is over; stops it when interrupted. */
async function follow(
  address: string,
  { asJson, interruption }: { readonly asJson: boolean; readonly interruption: Promise<void> },
): Promise<JsonObject> {
  const interrupt = interruption.then(() => "interrupted" as const);
  for (;;) {
    const { promise: pause, resolve } = Promise.withResolvers<"passed">();
    const timer = setTimeout(() => resolve("passed"), PROGRESS_MS);
    const what = await Promise.race([interrupt, pause]);
    clearTimeout(timer);
    if (what === "interrupted") return ask("DELETE", address);
    const progress = await ask("GET", address);
    if (progress["isOver"] === true) return progress;
    if (!asJson) writeLine(describe(progress));
  }
}

function describe({ elapsedMs, forMs, made, failed, byKind }: JsonObject): string {
  const seconds = Number(elapsedMs) / 1000;
  const total = Number(forMs) >= FOREVER_MS ? "" : ` of ${Number(forMs) / 1000}`;
  const kinds = isJsonObject(byKind)
    ? Object.entries(byKind).map(([kind, count]) => `${kind} ${Number(count)}`)
    : [];
  const rate = seconds === 0 ? 0 : Math.round(Number(made) / seconds);
  return `${seconds.toFixed(0)}${total} s: ${Number(made)} changes (${kinds.join(", ")}), ${rate}/s, ${Number(failed)} in vain`;
}

function readMix(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  const pairs = text.split(",").map((pair) => /^([a-zA-Z]+)=(\d+(?:\.\d+)?)$/.exec(pair.trim()));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, kind, weight] = pair ?? [];
      if (kind !== undefined) return [kind, Number(weight)];
      throw new CommandError(`Expected --mix to be like message=90,user=10, got '${text}'`, {
        isUsage: true,
      });
    }),
  );
}

async function ask(method: string, url: string, body?: JsonObject): Promise<JsonObject> {
  let response: Response;
  try {
    response = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  } catch (error) {
    throw new CommandError(`The simulator at ${url} cannot be reached: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const answer = parseJson(await response.text());
  if (response.ok && isJsonObject(answer)) return answer;
  const error = isJsonObject(answer) ? answer["error"] : undefined;
  const reason = (isJsonObject(error) ? textOf(error, "message") : undefined) ?? "no simulator's answer";
  throw new CommandError(`The simulator refused (${response.status}): ${reason}`);
}
