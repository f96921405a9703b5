import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";

import { beforeAll, describe, expect, it } from "vitest";

import { makeCertificate, type TestCertificate } from "./certificates.ts";
import { verifies } from "./requirements.ts";
import { errorOf, startWorld, type Answered } from "./world.ts";

let certificate: TestCertificate;
let elsewhere: TestCertificate;
beforeAll(async () => {
  [certificate, elsewhere] = await Promise.all([
    makeCertificate({ ip: "127.0.0.1" }),
    makeCertificate({ ip: "127.0.0.2" }),
  ]);
});

/** Subscribes an endpoint that speaks TLS and proves itself, with a simulator that believes certain authorities. */
async function subscribe(tls: ServerOptions, trustedCertificates: readonly string[]): Promise<Answered> {
  const endpoint = createServer(tls, (request, response) => {
    const token = new URL(request.url ?? "/", "https://endpoint").searchParams.get("validationToken");
    response.setHeader("content-type", "text/plain");
    response.end(token);
  });
  endpoint.listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  const address = endpoint.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await using world = await startWorld({ trustedCertificates });
  const answer = await world.subscribe({ notificationUrl: `https://127.0.0.1:${port}/notifications` });
  endpoint.close();
  endpoint.closeAllConnections();
  return answer;
}

describe("an endpoint with TLS", () => {
  it(`${verifies("tls-1-2")} is subscribed when its certificate is believed`, async () => {
    const answer = await subscribe(certificate, [certificate.cert]);
    expect(answer.status).toBe(201);
  });

  const refusals = [
    {
      name: "whose certificate nobody vouches for",
      tls: () => certificate,
      trusted: (): readonly string[] => [],
    },
    {
      name: "whose certificate is for another host",
      tls: () => elsewhere,
      trusted: () => [elsewhere.cert],
    },
    {
      name: "that speaks TLS 1.3 only",
      tls: (): ServerOptions => ({ ...certificate, minVersion: "TLSv1.3" }),
      trusted: () => [certificate.cert],
    },
  ];
  it.each(refusals)(`${verifies("tls-1-2")} $name is refused`, async ({ tls, trusted }) => {
    const answer = await subscribe(tls(), trusted());
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toEqual({
      code: "InvalidRequest",
      message: "The underlying connection was closed: An unexpected error occurred on a send.",
    });
  });
});
