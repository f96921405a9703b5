import { describe, expect, it, vi } from "vitest";
import { createRichWorld, FABRIKAM } from "../support/rich-world.ts";

/** What the login service's key documents answer; undefined: as they should. */
interface Documents {
  answer: (() => Promise<Response>) | undefined;
  asked: number;
}

function documents(): Documents & { intercept: (url: URL) => Promise<Response> | undefined } {
  const state: Documents = { answer: undefined, asked: 0 };
  return Object.assign(state, {
    intercept(url: URL) {
      if (!url.pathname.includes("/discovery/")) return undefined;
      state.asked += 1;
      return state.answer?.();
    },
  });
}

// S3
describe("while the login service does not give its keys", () => {
  it.each<{ name: string; answer: () => Promise<Response> }>([
    { name: "answers 503", answer: async () => new Response("", { status: 503 }) },
    { name: "answers with a page", answer: async () => new Response("<html>sign in</html>") },
    { name: "answers with no keys of its own", answer: async () => Response.json({ nothing: [] }) },
    {
      name: "leads elsewhere",
      answer: async () => new Response(null, { status: 302, headers: { location: "https://evil.example" } }),
    },
    {
      name: "breaks off",
      answer: async () => {
        throw new TypeError("fetch failed");
      },
    },
  ])("and $name, notifications wait; nothing is handled and nothing lost", async ({ answer }) => {
    const keys = documents();
    keys.answer = answer;
    await using world = await createRichWorld({ intercept: keys.intercept });
    const id = await world.sendMail("one");
    await world.sendMail("two", { id });
    await world.sendMail("other", { tenantId: FABRIKAM });
    await vi.waitFor(() => expect(world.toldOf("change:failed").length).toBeGreaterThanOrEqual(2), 10_000);
    expect(world.handled).toEqual([]);
    expect(world.toldOf("change:failed")[0]?.error).toMatchObject({ code: "ERR_KEYS_UNAVAILABLE" });
    expect(await world.tidings.health()).toMatchObject({ inbox: { waiting: 3, dead: 0 } });
    // However much waits, each document is asked for once a minute.
    expect(keys.asked).toBe(2);

    keys.answer = undefined;
    // Both clocks: it is asked again after a minute, and what waits comes again within 15 s.
    await world.pass(90_000);
    await vi.waitFor(() => expect(world.handled).toHaveLength(3), 10_000);
    expect(
      world.handled.filter(({ tenantId }) => tenantId !== FABRIKAM).map(({ subject }) => subject),
    ).toEqual(["one", "two"]);
  });

  it("what is signed with a key that is known goes on for days", { timeout: 30_000 }, async () => {
    const keys = documents();
    await using world = await createRichWorld({
      intercept: keys.intercept,
      simulator: { login: { keyRotationMs: 30 * 24 * 3_600_000 } },
    });
    await world.sendMail("known");
    await vi.waitFor(() => expect(world.handled).toHaveLength(1), 10_000);
    keys.answer = async () => new Response("", { status: 503 });
    await world.pass(3 * 24 * 3_600_000);
    await world.sendMail("goes on");
    await vi.waitFor(() => expect(world.handled).toHaveLength(2), 10_000);
  });
});

describe("when the login service signs with other keys from now on", () => {
  it("nothing is refused, and nothing waits for longer than a minute", { timeout: 30_000 }, async () => {
    await using world = await createRichWorld({ simulator: { login: { keyRotationMs: 3_600_000 } } });
    const sent: string[] = [];
    for (let hour = 0; hour < 6; hour += 1) {
      sent.push(`hour ${hour}`);
      await world.sendMail(`hour ${hour}`);
      await world.pass(90_000);
      await vi.waitFor(() => expect(world.handled).toHaveLength(sent.length), 10_000);
      await world.pass(3_600_000);
    }
    expect(world.handled.map(({ subject }) => subject)).toEqual(sent);
    expect(world.toldOf("change:dead")).toEqual([]);
  });
});
