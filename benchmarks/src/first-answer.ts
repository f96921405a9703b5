import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** How often a port is tried that nothing listens on yet: what it adds to a figure is half of it. */
const POLL_MS = 2;
const STALL_MS = 30_000;

/** POSTs to this machine until somebody listens there. @returns undefined when nobody does in time */
export async function askUntilAnswered(port: number, path: string): Promise<Answer | undefined> {
  const deadline = performance.now() + STALL_MS;
  while (performance.now() < deadline) {
    const answer = await ask(port, path);
    if (answer !== undefined) return answer;
    await sleep(POLL_MS);
  }
  return undefined;
}

async function ask(port: number, path: string): Promise<Answer | undefined> {
  const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent: false }).end();
  try {
    const [response]: IncomingMessage[] = await once(sent, "response");
    if (response === undefined) return undefined;
    const body = (await Array.fromAsync(response.setEncoding("utf8"))).join("");
    return { status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", body };
  } catch {
    return undefined;
  }
}

/** A port that nothing listens on, for a process that has to be told which. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("it did not listen");
  return address.port;
}
