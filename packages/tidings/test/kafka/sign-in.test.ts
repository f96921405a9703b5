import { webcrypto } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import { toPem } from "../../src/crypto/pem.ts";
import type { KafkaConnection, KafkaSasl } from "../../src/kafka/connection.ts";
import { createProducer } from "../../src/kafka/producer.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { readTopic } from "../support/kafka-topic.ts";

const LOGIN = "org.apache.kafka.common.security";
const SCRAM = `${LOGIN}.scram.ScramLoginModule required;`;

let broker: Broker;
let authority: string;

/** A certificate of `localhost` that signs itself. */
async function makeCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=localhost",
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
    },
    webcrypto,
  );
  const key = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { certificate: certificate.toString("pem"), key: toPem("PRIVATE KEY", key) };
}

/** A token as the broker's own test mechanism takes it: not signed. */
function unsecuredToken(subject: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: now, exp: now + 3_600 })}.`;
}

const credential = {
  async getToken(scope: string | string[]) {
    expect(scope).toBe("https://events.servicebus.windows.net/.default");
    return { token: unsecuredToken("writer"), expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};

async function produce(listener: string, connection: Partial<KafkaConnection>): Promise<string> {
  const producer = createProducer({
    connection: { brokers: [broker.addresses[listener] ?? ""], ...connection },
    clock: systemClock,
    deadlineMs: 5_000,
    maxMessageBytes: 1_000_000,
    compression: "none",
  });
  const message = { topic: "secured", key: "a", value: JSON.stringify(connection.sasl ?? {}), headers: {} };
  const failures = await producer.produce([message]);
  await producer.close();
  return failures.get(0)?.fault ?? "written";
}

const USER = { username: "writer", password: "a password" };

describe.skipIf(!hasBroker)("a producer signs in (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const { certificate, key } = await makeCertificate();
    authority = certificate;
    const tls = {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.certificate.chain": certificate,
      "ssl.keystore.key": key,
    };
    const plain = `${LOGIN}.plain.PlainLoginModule required user_writer="${USER.password}" user_reader="${USER.password}" user_$ConnectionString="Endpoint=sb://events/";`;
    const sasl = {
      ...tls,
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
      "plain.sasl.jaas.config": plain,
      "scram-sha-256.sasl.jaas.config": SCRAM,
      "scram-sha-512.sasl.jaas.config": SCRAM,
      "oauthbearer.sasl.jaas.config": `${LOGIN}.oauthbearer.OAuthBearerLoginModule required;`,
    };
    broker = await startBroker({
      listeners: {
        SECURE: { protocol: "SASL_SSL", config: sasl },
        TLS: { protocol: "SSL", config: tls },
      },
      scramUsers: { writer: USER.password },
      config: {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:writer;User:$ConnectionString;User:ANONYMOUS;User:CN=localhost",
      },
    });
    await broker.createTopic("secured");
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it.each<{ name: string; sasl: KafkaSasl }>([
    { name: "PLAIN", sasl: { mechanism: "PLAIN", ...USER } },
    {
      name: "PLAIN, as Event Hubs wants it",
      sasl: {
        mechanism: "PLAIN",
        username: "$ConnectionString",
        password: async () => "Endpoint=sb://events/",
      },
    },
    { name: "SCRAM-SHA-256", sasl: { mechanism: "SCRAM-SHA-256", ...USER } },
    { name: "SCRAM-SHA-512", sasl: { mechanism: "SCRAM-SHA-512", ...USER } },
    {
      name: "OAUTHBEARER",
      sasl: {
        mechanism: "OAUTHBEARER",
        credential,
        scope: "https://events.servicebus.windows.net/.default",
      },
    },
  ])("by $name", async ({ sasl }) => {
    expect(await produce("SECURE", { sasl, tls: { ca: authority } })).toBe("written");
  });

  it("over TLS, with nobody's name", async () => {
    expect(await produce("TLS", { tls: { ca: authority } })).toBe("written");
  });

  it("and all of it is in the topic", async () => {
    expect(await readTopic(broker.address, "secured", 6)).toHaveLength(6);
  });

  it.each<{ name: string; sasl: KafkaSasl; fault: string }>([
    {
      name: "a wrong password",
      sasl: { mechanism: "PLAIN", ...USER, password: "wrong" },
      fault: "unauthenticated",
    },
    {
      name: "a wrong password, by SCRAM",
      sasl: { mechanism: "SCRAM-SHA-512", ...USER, password: "wrong" },
      fault: "unauthenticated",
    },
    {
      name: "a credential that gives none",
      sasl: { mechanism: "OAUTHBEARER", credential: { getToken: async () => null }, scope: "x" },
      fault: "unauthenticated",
    },
    {
      name: "somebody who may not write",
      sasl: { mechanism: "PLAIN", ...USER, username: "reader" },
      fault: "unauthorized",
    },
  ])("and is refused with $name", async ({ sasl, fault }) => {
    const startedAt = Date.now();
    expect(await produce("SECURE", { sasl, tls: { ca: authority } })).toBe(fault);
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  });

  it("to nobody whose certificate it does not trust", async () => {
    expect(await produce("SECURE", { sasl: { mechanism: "PLAIN", ...USER } })).toBe("unreachable");
  });
});
