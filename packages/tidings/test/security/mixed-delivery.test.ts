import { describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { CONTOSO, createRichWorld, FABRIKAM, type SentDelivery } from "../support/rich-world.ts";

function itemsOf(deliveries: readonly SentDelivery[], tenantId: string): JsonObject[] {
  return deliveries.flatMap(({ value }) => value).filter((item) => item["tenantId"] === tenantId);
}

function contentOf(item: JsonObject | undefined): JsonObject {
  // What Graph sent with it.
  return Object(item?.["encryptedContent"]);
}

/** The same base64, but for one of its bits. */
function flipped(base64: unknown): string {
  const bytes = Buffer.from(String(base64), "base64");
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return bytes.toString("base64");
}

describe("a delivery of what is valid and what is not", () => {
  it("has each item judged by itself: the valid ones are handled once, in order, and the answer says nothing", async () => {
    await using world = await createRichWorld();
    const deliveries = await world.holdBack(6, async () => {
      const id = await world.sendMail("one");
      for (const subject of ["two", "three", "four", "five"]) await world.sendMail(subject, { id });
      await world.sendMail("of another tenant", { tenantId: FABRIKAM });
    });
    const [one, two, three, four, five] = itemsOf(deliveries, CONTOSO);
    const [other] = itemsOf(deliveries, FABRIKAM);
    const tokens = deliveries
      .filter(({ value }) => value.some(({ tenantId }) => tenantId === CONTOSO))
      .flatMap(({ validationTokens }) => validationTokens)
      .filter((token) => Buffer.from(token.split(".")[1] ?? "", "base64url").includes(CONTOSO));
    const mixed = {
      value: [
        one,
        // Forged by a stranger, who guesses.
        { ...two, id: "guessed", clientState: "v1.guessed.guessed.guessed" },
        // By somebody who saw a client state of the other tenant.
        { ...two, id: "leaked", clientState: other?.["clientState"] },
        two,
        // Changed on its way.
        { ...three, encryptedContent: { ...contentOf(three), data: flipped(contentOf(three)["data"]) } },
        { ...three, id: "stripped", encryptedContent: null },
        // With the state of its own tenant, said to be of another.
        { ...three, id: "moved", tenantId: FABRIKAM },
        // Authentic, but no token for its tenant came with it.
        other,
        lifecycleOf(one),
        four,
        five,
        "nothing of the kind",
      ],
      validationTokens: tokens,
    };
    const answer = await world.deliver(mixed);
    await vi.waitFor(() => expect(world.handled).toHaveLength(4), 10_000);
    await vi.waitFor(async () =>
      expect(await world.tidings.health()).toMatchObject({ inbox: { waiting: 0 } }),
    );
    expect(world.handled.map(({ subject }) => subject)).toEqual(["one", "two", "four", "five"]);
    expect(world.toldOf("items:refused")).toEqual([{ reasons: { "client-state": 3, "not-an-object": 1 } }]);
    expect(world.toldOf("lifecycle:received")).toMatchObject([{ event: "missed" }]);

    const letters = await Array.fromAsync(world.tidings.deadLetters.list());
    expect(letters).toHaveLength(3);
    expect(new Set(world.toldOf("change:dead").map(({ notificationId }) => notificationId))).toEqual(
      new Set([three?.["id"], "stripped", other?.["id"]]),
    );
    const errors = new Set(letters.map(({ error }) => error));
    expect(errors.size).toBe(1);

    const forged = await world.deliver({ value: [{ ...one, clientState: "guessed" }] });
    expect([answer.status, answer.body, [...answer.headers]]).toEqual([202, "", [...forged.headers]]);
    expect([forged.status, forged.body]).toEqual([202, ""]);

    // What was refused is never handled, however often it is put back.
    await world.tidings.deadLetters.redrive();
    await vi.waitFor(async () =>
      expect(await world.tidings.health()).toMatchObject({ inbox: { waiting: 0, dead: 3 } }),
    );
    expect(world.handled).toHaveLength(4);

    // What was changed on its way does not keep the authentic one from being handled.
    await world.deliver({ value: [three], validationTokens: tokens });
    await vi.waitFor(() => expect(world.handled.at(-1)?.subject).toBe("three"), 10_000);
    // And what comes again is the same.
    await world.deliver(mixed);
    await world.sendMail("six");
    await vi.waitFor(() => expect(world.handled.at(-1)?.subject).toBe("six"), 10_000);
    expect(world.handled).toHaveLength(6);
  });

  it("takes no client state for another tenant's, nor for another subscription's", async () => {
    await using world = await createRichWorld();
    const deliveries = await world.holdBack(2, async () => {
      await world.sendMail("mine");
      await world.sendMail("theirs", { tenantId: FABRIKAM });
    });
    const [mine] = itemsOf(deliveries, CONTOSO);
    const [theirs] = itemsOf(deliveries, FABRIKAM);
    const validationTokens = deliveries.flatMap((delivery) => delivery.validationTokens);
    const leaked = mine?.["clientState"];
    await world.deliver({ value: [{ ...theirs, clientState: leaked }], validationTokens });
    expect(world.toldOf("items:refused")).toEqual([{ reasons: { "client-state": 1 } }]);
    // Of their subscription, but said to be of my tenant: it is mine that the state is believed for.
    await world.deliver({
      value: [{ ...theirs, clientState: leaked, tenantId: CONTOSO }],
      validationTokens,
    });
    await world.deliver({ value: [theirs], validationTokens });
    await vi.waitFor(() => expect(world.handled.at(-1)?.subject).toBe("theirs"), 10_000);
    expect(world.handled.filter(({ tenantId }) => tenantId === FABRIKAM)).toHaveLength(1);
  });
});

function lifecycleOf(item: JsonObject | undefined): object {
  const { subscriptionId, clientState, tenantId, subscriptionExpirationDateTime } = item ?? {};
  return {
    subscriptionId,
    clientState,
    organizationId: tenantId,
    subscriptionExpirationDateTime,
    lifecycleEvent: "missed",
    encryptedContent: null,
  };
}
