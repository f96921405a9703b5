import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { delivery, SECRET, TENANT_ID, userItem } from "./deliveries.ts";

const BIN = new URL("../../bin/tidings.js", import.meta.url).pathname;
const SRC = new URL("../../src/", import.meta.url).href;

export interface Answered {
  readonly status: number;
  readonly ms: number;
}

export interface ServeOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Of the handler. @default 1,000 */
  readonly timeoutMs?: number;
}

/** A real `tidings serve` in a process of its own, and deliveries to it as Graph would send them. */
export interface ServedProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Sends users' notifications numbered so, once; gives the status, and how long the answer took in milliseconds. */
  post(...numbers: number[]): Promise<Answered>;
  /** Sends them as Graph does: again as long as the answer is 503. */
  deliver(...numbers: number[]): Promise<Answered>;
  /** What the process wrote to stdout. */
  output(): string;
  kill(): Promise<void>;
}

/**
 * Serves an app whose `users` handler has this body; `change`, `context` and `log(line)` are in its scope, and what it
 * logs is in the file `log` of the folder. No Graph is needed: the route exists once the app has started.
 */
export async function serveHandler(
  folder: string,
  handlerBody: string,
  { environment, timeoutMs = 1_000 }: ServeOptions = {},
): Promise<ServedProcess> {
  const app = join(folder, "app.ts");
  writeFileSync(app, appText(folder, handlerBody, timeoutMs));
  const child = spawn(process.execPath, ["--conditions=@tidings/source", BIN, "serve", app, "--port", "0"], {
    env: { PATH: process.env["PATH"], TIDINGS_STORE: join(folder, "tidings.db"), ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  while (!output.includes('"message":"serving"')) await once(child.stdout, "data");
  const [, url = ""] = /"url":"(http:[^"]*)"/.exec(output) ?? [];
  const keyring = createKeyring([SECRET]);
  const subscriptionKey = subscriptionKeyOf(
    "served",
    { tenantId: TENANT_ID, path: "users", query: "" },
    sha256,
  );
  async function post(...numbers: number[]): Promise<Answered> {
    const body = delivery(...numbers.map((n) => userItem(n, { keyring, subscriptionKey })));
    const startedAt = performance.now();
    const answer = await fetch(`${url}/notifications`, { method: "POST", body });
    await answer.arrayBuffer();
    return { status: answer.status, ms: performance.now() - startedAt };
  }

  return {
    child,
    url,
    output: () => output,
    post,
    async deliver(...numbers) {
      for (;;) {
        const answered = await post(...numbers);
        if (answered.status !== 503) return answered;
        await sleep(20);
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function appText(folder: string, handlerBody: string, timeoutMs: number): string {
  return `
    import { appendFileSync, existsSync, writeFileSync } from "node:fs";
    import { Tidings } from ${JSON.stringify(`${SRC}index.ts`)};
    import { sqlite } from ${JSON.stringify(`${SRC}store/sqlite/sqlite.ts`)};
    const log = (line) => appendFileSync(${JSON.stringify(join(folder, "log"))}, line + "\\n");
    const once = (name) => {
      const marker = ${JSON.stringify(folder)} + "/" + name;
      const isFirst = !existsSync(marker);
      writeFileSync(marker, "");
      return isFirst;
    };
    export const tidings = new Tidings({
      name: "served", tenantId: ${JSON.stringify(TENANT_ID)}, publicUrl: "https://tidings.example",
      secret: ${JSON.stringify(SECRET)},
      credential: { getToken: async () => { throw new Error("nobody signs in here"); } },
    });
    tidings.on("users", { changeType: "updated", timeoutMs: ${timeoutMs}, retry: { firstMs: 1, maxMs: 50 } },
      async (change, context) => { ${handlerBody} });`;
}
