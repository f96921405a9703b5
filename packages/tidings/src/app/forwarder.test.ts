import { describe, expect, it } from "vitest";
import type { InboxProvider, SourceProvider } from "../core/ports/inbox.ts";
import { memory } from "../store/memory/memory.ts";
import type { TidingsOptions } from "./options.ts";
import { Tidings } from "./tidings.ts";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const NOWHERE: InboxProvider = {
  description: "topic t of kafka.example:9092",
  open: async () => ({ append: async () => {}, isTaking: true, close: async () => {} }),
};
const SOURCE: SourceProvider = {
  description: "a topic",
  connect: async () => {
    throw new Error("nobody reads here");
  },
};

function create(options: Partial<TidingsOptions> = {}): Tidings {
  return new Tidings({
    name: "forwarding",
    publicUrl: "https://tidings.example",
    credential: { getToken: async () => null },
    secret: "a-secret-of-at-least-thirty-two-characters",
    inbox: NOWHERE,
    logger: SILENT,
    ...options,
  });
}

describe("an app with an inbox", () => {
  it("declares resources, and takes no handlers, which others need", () => {
    expect(create().on("users", { changeType: "updated" }).handler).toBeUndefined();
    expect(() => create().on("users", () => {})).toThrow(
      "Expected no handler for `users`, since what arrives goes to topic t of kafka.example:9092, got a `function`: handle it where that is read",
    );
    expect(() => new Tidings({ name: "storing" }).on("users")).toThrow(
      "Expected a function or `{ batch(changes) }` to handle `users`, got `undefined`",
    );
  });

  it.each([
    ["store", { store: memory() }],
    ["sources", { sources: [SOURCE] }],
    ["historyMs", { historyMs: 1 }],
  ])("has no `%s` beside it", (name, options) => {
    expect(() => create(options)).toThrow(
      `Expected no \`${name}\` beside \`inbox\`, since the app keeps nothing`,
    );
  });

  it("needs a secret, and is given no store", async () => {
    await expect(create({ secret: undefined }).start()).rejects.toThrow(
      "Expected `secret` for an app with `inbox`, which has no store to keep one in, got none",
    );
    await expect(create().start({ store: memory() })).rejects.toThrow(
      "Expected no `store` for an app with `inbox`, which keeps nothing",
    );
  });

  it.each<[string, (tidings: Tidings) => unknown]>([
    ["drain()", async (tidings) => tidings.drain()],
    ["reconcileOnce()", async (tidings) => tidings.reconcileOnce()],
    ["subscriptions", async (tidings) => tidings.subscriptions.list()],
    ["deadLetters", async (tidings) => tidings.deadLetters.redrive()],
    ["tenants", async (tidings) => tidings.tenants.add("84bd8158-6d4d-4958-8b9f-9d6445542f95")],
    ["keys", async (tidings) => tidings.keys.rotateSecret()],
  ])("refuses %s with a sentence", async (what, ask) => {
    const tidings = create();
    await tidings.start();
    await expect(Promise.resolve(ask(tidings))).rejects.toThrow(
      `Expected an app with a store for \`${what}\`, got one with \`inbox\`, which keeps nothing: ask the app that reads topic t of kafka.example:9092`,
    );
    await tidings.stop();
  });

  it("tells how it is, and is not ready while its inbox takes nothing", async () => {
    let isTaking = true;
    const inbox: InboxProvider = {
      ...NOWHERE,
      open: async () => ({
        append: async () => {},
        get isTaking() {
          return isTaking;
        },
        close: async () => {},
      }),
    };
    await using tidings = create({ inbox });
    const statusOf = async (path: string): Promise<number> =>
      (await tidings.fetch(new Request(`https://tidings.example${path}`))).status;
    expect(await statusOf("/readyz")).toBe(503);
    await tidings.start();
    expect([await statusOf("/healthz"), await statusOf("/readyz")]).toEqual([200, 200]);
    expect(await tidings.health()).toMatchObject({ state: "forwarding", isTaking: true });
    isTaking = false;
    expect([await statusOf("/healthz"), await statusOf("/readyz")]).toEqual([200, 503]);
  });
});

it("an app with a store takes no tenants to apply", async () => {
  await using tidings = create({ inbox: undefined, store: memory() });
  await expect(tidings.subscriptions.apply({ tenantIds: ["x"] })).rejects.toThrow(/no `tenantIds`/);
});
