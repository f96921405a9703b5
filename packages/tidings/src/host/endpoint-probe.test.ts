import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate, type TestCertificate } from "../../../graph-simulator/test/certificates.ts";
import { createEndpointProbe } from "./endpoint-probe.ts";

const servers: Server[] = [];
const trusted = getCACertificates("default");

afterEach(async () => {
  setDefaultCACertificates(trusted);
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** @returns where it listens, with a secret in its query */
async function listen(server: Server, scheme: "http" | "https" = "http"): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `${scheme}://127.0.0.1:${port}/notifications?code=secret`;
}

async function serve(answer: RequestListener): Promise<string> {
  return listen(createServer(answer));
}

async function serveTls(certificate: TestCertificate): Promise<string> {
  return listen(createTlsServer({ cert: certificate.cert, key: certificate.key }, prove), "https");
}

function tokenOf({ url = "/" }: IncomingMessage): string {
  return new URL(url, "http://endpoint").searchParams.get("validationToken") ?? "";
}

const prove: RequestListener = (request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8").end(tokenOf(request));
};

const probe = createEndpointProbe();

/** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation */
describe("an endpoint", () => {
  it("is asked as Graph asks it, and is proved by the decoded token", async () => {
    const asked: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      asked.push(request);
      response.setHeader("set-cookie", "session=1");
      prove(request, response);
    });
    expect(await probe.check(url)).toMatchObject({ kind: "proved" });
    expect(await probe.check(url)).toMatchObject({ kind: "proved" });
    expect(asked.map(({ method, headers }) => ({ method, headers }))).toEqual(
      Array.from({ length: 2 }, () => ({
        method: "POST",
        headers: expect.objectContaining({
          "content-type": "text/plain; charset=utf-8",
          "content-length": "0",
        }),
      })),
    );
    expect(asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
    for (const { url: path } of asked) {
      expect(path).toMatch(/^\/notifications\?code=secret&validationToken=Validation%3A\+Testing\+.*\+%2B\+/);
      expect(path).toMatch(/100%25$/);
    }
    const [first, second] = asked.map(tokenOf);
    expect(first).not.toBe(second);
  });

  it("may be proved without a query of its own", async () => {
    const url = new URL(await serve(prove));
    url.search = "";
    expect(await probe.check(url.href)).toMatchObject({ kind: "proved" });
  });

  it.each([202, 204, 301, 302, 307, 401, 403, 404, 405, 500, 503])(
    "that answers %s is wrong, and its redirect is not followed",
    async (status) => {
      let count = 0;
      const url = await serve((request, response) => {
        count += 1;
        response.writeHead(status, { location: "/elsewhere", "content-type": "text/plain" });
        response.end(status === 204 ? undefined : tokenOf(request));
      });
      expect(await probe.check(url)).toMatchObject({ kind: "wrong", reason: "status", status });
      expect(count).toBe(1);
    },
  );

  it("that refuses with a page that never ends is wrong at once", async () => {
    const url = await serve((_, response) => void response.writeHead(403).write("<html>"));
    expect(await probe.check(url)).toMatchObject({ reason: "status", status: 403 });
  });

  it.each(["text/html", "application/json"])("that answers with %s is wrong", async (type) => {
    const url = await serve((request, response) => {
      response.setHeader("content-type", type).end(tokenOf(request));
    });
    expect(await probe.check(url)).toMatchObject({ kind: "wrong", reason: "content-type" });
  });

  it.each<[string, (request: IncomingMessage) => string]>([
    ["nothing", () => ""],
    ["a page", () => "<html>sign in</html>"],
    ["the query as it came", ({ url = "" }) => url.split("validationToken=")[1] ?? ""],
    [
      "a token decoded with + for +",
      ({ url = "" }) => decodeURIComponent(url.split("validationToken=")[1] ?? ""),
    ],
    ["a byte order mark before it", (request) => `\uFEFF${tokenOf(request)}`],
  ])("that answers with %s is wrong", async (_, body) => {
    const url = await serve((request, response) => {
      response.setHeader("content-type", "text/plain").end(body(request));
    });
    const verdict = await probe.check(url);
    expect(verdict).toMatchObject({ kind: "wrong", reason: "body" });
    expect(verdict.sentence).not.toMatch(/secret|sign in/);
  });

  it("that answers without end is wrong, and not read to the end", async () => {
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.setHeader("content-type", "text/plain");
      response.on("close", resolve);
      const more = (): void => void response.write("x".repeat(1_024), (error) => !error && more());
      more();
    });
    expect(await probe.check(url)).toMatchObject({ kind: "wrong", reason: "body" });
    await cut;
  });
});

describe("an endpoint that does not answer", () => {
  it("has no name", async () => {
    expect(await probe.check("http://nobody.invalid/notifications")).toMatchObject({
      kind: "unreachable",
      reason: "dns",
    });
  });

  it("is not there", async () => {
    const url = await serve(prove);
    const closed = Promise.all(servers.splice(0).map(async (server) => once(server.close(), "close")));
    await closed;
    expect(await probe.check(url)).toMatchObject({ kind: "unreachable", reason: "refused" });
  });

  it.each<[string, RequestListener]>([
    ["at all", () => {}],
    ["to the end", (_, response) => void response.setHeader("content-type", "text/plain").write("V")],
  ])("in time: %s", async (_, answer) => {
    const url = await serve(answer);
    const verdict = await createEndpointProbe({ timeoutMs: 100 }).check(url);
    expect(verdict).toMatchObject({ kind: "unreachable", reason: "timeout" });
  });

  it("hangs up", async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await probe.check(url)).toMatchObject({ kind: "unreachable", reason: "network" });
  });

  it("is waited for until the caller gives up", async () => {
    const url = await serve(() => {});
    const given = new AbortController();
    const asked = probe.check(url, given.signal);
    const reason = new Error("stopping");
    given.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(probe.check(url, given.signal)).rejects.toBe(reason);
  });
});

/** https://learn.microsoft.com/graph/api/resources/subscription#properties: `notificationUrl` */
describe("an endpoint with TLS", () => {
  let good: TestCertificate;
  let elsewhere: TestCertificate;
  let expired: TestCertificate;
  beforeAll(async () => {
    [good, elsewhere, expired] = await Promise.all([
      makeCertificate({ ip: "127.0.0.1" }),
      makeCertificate({ ip: "127.0.0.2" }),
      makeCertificate({ ip: "127.0.0.1", notAfter: new Date(Date.now() - 60_000) }),
    ]);
  });

  function trust(certificate: TestCertificate): void {
    setDefaultCACertificates([...trusted, certificate.cert]);
  }

  it("is proved when its certificate is believed", async () => {
    trust(good);
    expect(await probe.check(await serveTls(good))).toMatchObject({ kind: "proved" });
  });

  it("is wrong when its certificate is signed by itself", async () => {
    expect(await probe.check(await serveTls(good))).toMatchObject({
      kind: "wrong",
      reason: "tls",
      fault: "self-signed",
    });
  });

  it("is wrong when its certificate is for another host", async () => {
    trust(elsewhere);
    expect(await probe.check(await serveTls(elsewhere))).toMatchObject({
      kind: "wrong",
      fault: "wrong-host",
    });
  });

  it("is wrong when its certificate has expired", async () => {
    trust(expired);
    expect(await probe.check(await serveTls(expired))).toMatchObject({ kind: "wrong", fault: "expired" });
  });

  it("is wrong when it speaks none", async () => {
    const url = (await serve(prove)).replace(/^http:/, "https:");
    expect(await probe.check(url)).toMatchObject({ kind: "wrong", fault: "protocol" });
  });
});
