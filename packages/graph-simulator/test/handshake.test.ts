import { describe, expect, it } from "vitest";

import type { Answer } from "./receiver.ts";
import { verifies } from "./requirements.ts";
import { errorOf, inMinutes, MINUTE_MS, startWorld, text } from "./world.ts";

const MUST = "Notification endpoint must respond with 200 OK to validation request.";

describe("the handshake", () => {
  it(`${verifies("handshake-request")} the endpoint gets a POST of text/plain with the token in the query string`, async () => {
    await using world = await startWorld();
    await world.subscribe();
    const [handshake] = world.receiver.handshakes;
    expect(handshake).toMatchObject({ method: "POST", body: "" });
    expect(handshake?.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(handshake?.target).toMatch(
      /^\/notifications\?validationToken=Validation%3A\+Testing\+client\+application\+reachability\+for\+subscription\+Request-Id%3A\+[0-9a-f-]{36}/,
    );
    const token = handshake?.query.get("validationToken") ?? "";
    for (const character of ["+", ":", "%", "&", "=", " "]) expect(token).toContain(character);
    expect(world.simulator.ledger.handshakes).toEqual([
      expect.objectContaining({ purpose: "notificationUrl", outcome: { kind: "proved" } }),
    ]);
  });

  it(`${verifies("url-query-preserved")} the validation token joins the query the URL has`, async () => {
    await using world = await startWorld();
    await world.subscribe({ notificationUrl: `${world.receiver.url}/notifications?secret=a%20b&x` });
    expect(world.receiver.handshakes[0]?.target).toMatch(
      /^\/notifications\?secret=a%20b&x&validationToken=Validation/,
    );
  });

  it(`${verifies("handshake-lifecycle")} the lifecycle endpoint is validated too, even when it is the same`, async () => {
    await using world = await startWorld();
    const url = `${world.receiver.url}/notifications`;
    expect((await world.subscribe({ lifecycleNotificationUrl: url })).status).toBe(201);
    const tokens = world.receiver.handshakes.map((handshake) => handshake.query.get("validationToken"));
    expect(new Set(tokens).size).toBe(2);
    expect(world.simulator.ledger.handshakes.map((handshake) => handshake.purpose)).toEqual([
      "notificationUrl",
      "lifecycleNotificationUrl",
    ]);
  });

  it(`${verifies("handshake-lifecycle")} a lifecycle endpoint that fails refuses the subscription`, async () => {
    await using world = await startWorld();
    world.receiver.answerWith(({ target }) =>
      target.startsWith("/lifecycle") ? { status: 404 } : undefined,
    );
    const answer = await world.subscribe({ lifecycleNotificationUrl: `${world.receiver.url}/lifecycle` });
    expect(answer.status).toBe(400);
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });

  interface WrongAnswer {
    readonly name: string;
    readonly answer: (token: string) => Answer;
    readonly message: string;
  }
  const wrongAnswers: readonly WrongAnswer[] = [
    {
      name: "202",
      answer: (token) => ({ status: 202, contentType: "text/plain", body: token }),
      message: `HTTP status code is 'Accepted'. ${MUST}`,
    },
    { name: "403", answer: () => ({ status: 403 }), message: `HTTP status code is 'Forbidden'. ${MUST}` },
    {
      name: "a redirect to a right answer",
      answer: () => ({ status: 307, location: "/elsewhere" }),
      message: `HTTP status code is 'TemporaryRedirect'. ${MUST}`,
    },
    {
      name: "HTML",
      answer: (token) => ({ status: 200, contentType: "text/html", body: token }),
      message: "Response content type must be 'text/plain'.",
    },
    {
      name: "the token still encoded",
      answer: (token) => ({ status: 200, contentType: "text/plain", body: encodeURIComponent(token) }),
      message: "Response must exactly match validationToken query parameter.",
    },
    {
      name: "the token decoded twice",
      answer: (token) => ({ status: 200, contentType: "text/plain", body: decodeURIComponent(token) }),
      message: "Response must exactly match validationToken query parameter.",
    },
    {
      name: "a line more than the token",
      answer: (token) => ({ status: 200, contentType: "text/plain", body: `${token}\n` }),
      message: "Response must exactly match validationToken query parameter.",
    },
  ];
  it.each(wrongAnswers)(`${verifies("handshake-exact")} fails on $name`, async ({ answer, message }) => {
    await using world = await startWorld();
    const failed = world.next("handshake:failed");
    world.receiver.answerWith(({ query }) => answer(query.get("validationToken") ?? ""));
    const refused = await world.subscribe();
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toEqual({
      code: "InvalidRequest",
      message: `Subscription validation request failed. ${message}`,
    });
    expect((await failed).handshake.url).toBe(`${world.receiver.url}/notifications`);
    expect(world.receiver.requests).toHaveLength(1);
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });

  it(`${verifies("handshake-exact")} takes a text/plain with a charset`, async () => {
    await using world = await startWorld();
    world.receiver.answerWith(({ query }) => ({
      status: 200,
      contentType: "Text/Plain; charset=utf-8",
      body: query.get("validationToken") ?? "",
    }));
    expect((await world.subscribe()).status).toBe(201);
  });

  it(`${verifies("handshake-deadline")} the endpoint must answer in time or the subscription is not created`, async () => {
    await using world = await startWorld({ handshakeTimeoutMs: 50 });
    world.receiver.answerWith(() => "hang");
    const answer = await world.subscribe();
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toBe("Subscription validation request timed out.");
    expect(world.simulator.ledger.handshakes[0]?.outcome).toEqual({ kind: "timed-out" });
  });

  it("fails when nothing listens", async () => {
    await using world = await startWorld();
    const answer = await world.subscribe({ notificationUrl: "http://127.0.0.1:1/notifications" });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toBe(`Subscription validation request failed. ${MUST}`);
    expect(world.simulator.ledger.handshakes[0]?.outcome).toEqual({
      kind: "unreachable",
      error: "ECONNREFUSED",
    });
  });

  it("a renewal while a new endpoint answers is kept", async () => {
    await using world = await startWorld();
    const created = await world.subscribe();
    const path = `subscriptions/${text(created.body, "id")}`;
    const url = `${world.receiver.url}/elsewhere`;
    const expirationDateTime = inMinutes(world.simulator, 120);
    let renewal = Promise.resolve<unknown>(undefined);
    world.receiver.answerWith(() => {
      renewal = world.graph("PATCH", path, { expirationDateTime });
      return "hang";
    });
    const moved = world.graph("PATCH", path, { notificationUrl: url });
    await world.next("subscription:renewed");
    world.receiver.release();
    await Promise.all([moved, renewal]);
    expect(world.simulator.subscriptions.list()).toMatchObject([
      { notificationUrl: url, expiresAt: Date.parse(expirationDateTime) },
    ]);
  });

  it("a subscription that ends while its new endpoint answers is not brought back", async () => {
    await using world = await startWorld();
    const created = await world.subscribe({ expirationDateTime: inMinutes(world.simulator, 50) });
    world.receiver.answerWith(() => {
      world.simulator.clock.advance(51 * MINUTE_MS);
      return undefined;
    });
    const answer = await world.graph("PATCH", `subscriptions/${text(created.body, "id")}`, {
      notificationUrl: `${world.receiver.url}/elsewhere`,
    });
    expect(answer.status).toBe(404);
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });
});
