import { describe, expect, it } from "vitest";
import { CredentialError } from "../core/errors.ts";
import { libraryConnection, type KafkaConnection } from "./connection.ts";

const BROKERS = ["kafka.example:9092"];
const USER = { mechanism: "PLAIN", username: "somebody", password: "secret" } as const;

describe("a connection, as the library takes it", () => {
  it.each<{ name: string; given: Partial<KafkaConnection>; tls: unknown }>([
    { name: "is in the clear unless told otherwise", given: {}, tls: undefined },
    { name: "is encrypted when we sign in", given: { sasl: USER }, tls: {} },
    { name: "is in the clear where that was said", given: { sasl: USER, tls: false }, tls: undefined },
    {
      name: "trusts whom it is told",
      given: { tls: { ca: "pem", cert: "own", key: "private" } },
      tls: { ca: ["pem"], cert: "own", key: "private" },
    },
  ])("$name", ({ given, tls }) => {
    expect(libraryConnection({ brokers: BROKERS, ...given }).tls).toEqual(tls);
  });

  it.each([
    [{ brokers: BROKERS, tls: true }, true],
    [{ brokers: ["127.0.0.1:9092"], tls: true }, false],
    [{ brokers: ["127.0.0.1:9092"], tls: { servername: "kafka.example" } }, "kafka.example"],
  ])("asks for the name the broker's certificate has: %o", (given, name) => {
    expect(libraryConnection(given).tlsServerName).toBe(name);
  });

  it("never lets a broker go unchecked, whatever it is given", () => {
    const tls = JSON.parse('{ "rejectUnauthorized": false }');
    expect(libraryConnection({ brokers: BROKERS, tls }).tls).toEqual({});
  });

  it("fails as a credential does", async () => {
    const credential = { getToken: async () => Promise.reject(new Error("no")) };
    const sasl = { mechanism: "OAUTHBEARER", credential, scope: "a scope" } as const;
    const token = libraryConnection({ brokers: BROKERS, sasl }).sasl?.token;
    await expect(typeof token === "function" && token()).rejects.toThrow(CredentialError);
  });
});
