import { describe, expectTypeOf, it } from "vitest";

import type { ParamNames, ParamsOf } from "./resource-template.ts";

describe("ParamsOf", () => {
  it("has a string for each parameter of a template", () => {
    expectTypeOf<ParamsOf<"users/{userId}/messages">>().toEqualTypeOf<{ readonly userId: string }>();
    expectTypeOf<ParamsOf<"teams/{teamId}/channels/{channelId}/messages">>().toEqualTypeOf<{
      readonly teamId: string;
      readonly channelId: string;
    }>();
  });

  it("finds parameters in quotes, and before a query", () => {
    expectTypeOf<ParamsOf<"users('{userId}')/messages">>().toEqualTypeOf<{ readonly userId: string }>();
    expectTypeOf<ParamsOf<"chats/{chatId}?model=A">>().toEqualTypeOf<{ readonly chatId: string }>();
  });

  it("has none without parameters", () => {
    expectTypeOf<ParamNames<"users">>().toBeNever();
  });

  it("has any for a template that is not known to the compiler", () => {
    expectTypeOf<ParamsOf<string>>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });

  it("cannot be written to", () => {
    const params = { userId: "1" } as ParamsOf<"users/{userId}">;
    expectTypeOf(params.userId).toBeString();
    // @ts-expect-error read-only
    params.userId = "2";
  });
});
