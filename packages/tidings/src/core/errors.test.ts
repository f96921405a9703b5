import { describe, expect, it } from "vitest";

import {
  CredentialError,
  GraphRefusedError,
  GraphUnreachableError,
  OutboundRefusedError,
  StoreError,
  StoreInUseError,
  StoreOfAnotherAppError,
  StoreTooNewError,
  TidingsError,
  type AnyTidingsError,
  type GraphRefusal,
} from "./errors.ts";

const REFUSAL: GraphRefusal = {
  method: "POST",
  path: "/v1.0/subscriptions",
  status: 403,
  graphCode: "ExtensionError",
  graphMessage: "App has reached its limit of '1'",
  requestId: "b9d4b1b4",
  retryAfterMs: 7_000,
};

const cause = new Error("cause");

describe("errors", () => {
  it.each<{ error: AnyTidingsError; name: string; code: string; retryable: boolean; says: string }>([
    {
      error: new GraphRefusedError(REFUSAL),
      name: "GraphRefusedError",
      code: "ERR_GRAPH_REFUSED",
      retryable: false,
      says: "Graph refused POST /v1.0/subscriptions: 403 ExtensionError App has reached its limit of '1' (request-id b9d4b1b4)",
    },
    {
      error: new GraphUnreachableError("GET", "/v1.0/users", { cause }),
      name: "GraphUnreachableError",
      code: "ERR_GRAPH_UNREACHABLE",
      retryable: true,
      says: "Graph did not answer GET /v1.0/users",
    },
    {
      error: new OutboundRefusedError("graph.microsoft.com", "address"),
      name: "OutboundRefusedError",
      code: "ERR_OUTBOUND_REFUSED",
      retryable: true,
      says: "Nothing was sent to graph.microsoft.com: its name leads to an address that is not public",
    },
    {
      error: new OutboundRefusedError("other.example", "token"),
      name: "OutboundRefusedError",
      code: "ERR_OUTBOUND_REFUSED",
      retryable: false,
      says: "Nothing was sent to other.example: it must not get the token",
    },
    {
      error: new CredentialError("https://graph.microsoft.com/.default"),
      name: "CredentialError",
      code: "ERR_CREDENTIAL",
      retryable: true,
      says: "The credential gave no token for https://graph.microsoft.com/.default",
    },
    {
      error: new StoreError("The disk is full"),
      name: "StoreError",
      code: "ERR_STORE",
      retryable: true,
      says: "The disk is full",
    },
    {
      error: new StoreTooNewError("./data/tidings.db", 7, 3),
      name: "StoreTooNewError",
      code: "ERR_STORE_TOO_NEW",
      retryable: false,
      says: "./data/tidings.db has schema version 7; this version of tidings knows up to 3. Upgrade tidings, or give it another store.",
    },
    {
      error: new StoreOfAnotherAppError("./data/tidings.db", "crm-sync", "crm-test"),
      name: "StoreOfAnotherAppError",
      code: "ERR_STORE_OF_ANOTHER_APP",
      retryable: false,
      says: "./data/tidings.db belongs to the app `crm-sync`, not to `crm-test`. Give each app a store of its own, or keep the name.",
    },
    {
      error: new StoreInUseError("./data/tidings.db"),
      name: "StoreInUseError",
      code: "ERR_STORE_IN_USE",
      retryable: true,
      says: "./data/tidings.db is in use by another process. One process at a time may run on a SQLite file: stop the other, or give this one another file.",
    },
  ])("$name has code $code", ({ error, name, code, retryable, says }) => {
    expect(error).toBeInstanceOf(TidingsError);
    expect(error).toMatchObject({ name, code, retryable, message: says });
  });

  it.each([
    new GraphUnreachableError("GET", "/", { cause }),
    new CredentialError("scope", { cause }),
    new StoreError("message", { cause }),
    new StoreInUseError("file", { cause }),
  ])("$name keeps its cause", (error) => {
    expect(error.cause).toBe(cause);
  });

  it("of Graph keep every field of the refusal", () => {
    expect(new GraphRefusedError(REFUSAL)).toMatchObject({ ...REFUSAL });
  });

  it("of Graph are readable when Graph said nothing", () => {
    const error = new GraphRefusedError({
      ...REFUSAL,
      graphCode: undefined,
      graphMessage: undefined,
      requestId: undefined,
    });
    expect(error.message).toMatch(/^Graph refused POST \/v1\.0\/subscriptions: 403 +\(request-id none\)$/);
  });

  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [409, false],
    [410, false],
    [429, true],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
  ])("of Graph with status %i are retryable: %s", (status, retryable) => {
    expect(new GraphRefusedError({ ...REFUSAL, status }).retryable).toBe(retryable);
  });
});
