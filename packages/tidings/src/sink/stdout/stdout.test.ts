import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Change, HandlerContext } from "../../core/change.ts";
import { StdoutError } from "../../core/errors.ts";
import { stdout, type Output } from "./stdout.ts";

const CONTEXT: HandlerContext = {
  signal: new AbortController().signal,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
};

function change(id: string): Change {
  return {
    id,
    idempotencyKey: `key ${id}`,
    changeType: "updated",
    resource: "Users/1",
    resourceKey: "users/1",
    resourceType: "#Microsoft.Graph.User",
    params: {},
    tenantId: "tenant",
    subscriptionId: "subscription",
    subscriptionKey: "subscription-key",
    etag: undefined,
    data: undefined,
    raw: { id },
    receivedAt: 0,
    source: "webhook",
    attempt: 1,
    redriven: false,
    mergedCount: 1,
    changeTypes: ["updated"],
    fetch: async () => undefined,
  };
}

/** A child's stdin, which is a pipe like the stdout of this process. */
function pipeTo(...command: readonly [string, ...string[]]): {
  output: Output;
  ended: Promise<string>;
  readonly kill: () => void;
} {
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stdin.on("error", () => {});
  return { output: child.stdin, ended: once(child, "close").then(() => text), kill: () => void child.kill() };
}

describe("the sink `stdout`", () => {
  it.each(["json", "cloudevents"] as const)(
    "writes a line of %s for each change, in order",
    async (format) => {
      const { output, ended, kill } = pipeTo("head", "-n", "3");
      const sink = stdout({ format }, output);
      await Promise.all([
        sink.batch([change("1"), change("2")], CONTEXT),
        sink.batch([change("3")], CONTEXT),
      ]);
      const lines = (await ended).trimEnd().split("\n");
      kill();
      const records = lines.map((line) => JSON.parse(line));
      const keys = records.map((each) => (format === "json" ? each.idempotencyKey : each.id));
      expect(keys).toEqual(["key 1", "key 2", "key 3"]);
    },
  );

  it("is done when the reader has taken it, and not before", async () => {
    const { output, kill } = pipeTo("sleep", "100");
    const sink = stdout({}, output);
    const large = { ...change("1"), raw: { text: "x".repeat(1_000_000) } };
    const isDone = await Promise.race([
      Promise.resolve(sink.batch([large], CONTEXT)).then(
        () => true,
        () => false,
      ),
      sleep(300).then(() => "waits"),
    ]);
    expect(isDone).toBe("waits");
    kill();
  });

  it("fails once nobody reads", async () => {
    const { output, ended } = pipeTo("true");
    await ended;
    await expect(stdout({}, output).batch([change("1")], CONTEXT)).rejects.toThrow(StdoutError);
  });

  it("refuses what makes no sense at once", () => {
    expect(() => stdout({ format: JSON.parse('"xml"') })).toThrow("got `xml`");
  });
});
