import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { pipeline } from "node:stream/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { ClientSecretCredential } from "@azure/identity";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { beforeAll, describe, expect, it } from "vitest";

import { startSimulator } from "../src/index.ts";
import { makeCertificate, type TestCertificate } from "./certificates.ts";
import { verifies } from "./requirements.ts";
import { HOUR_MS, objects, requestToken, startWorld, text, type Answered } from "./world.ts";

const SCOPE = "https://graph.microsoft.com/.default";

let certificate: TestCertificate;
beforeAll(async () => {
  certificate = await makeCertificate({ ip: "127.0.0.1" });
});

describe("@azure/identity", () => {
  it(`${verifies("token-client-credentials")} gets a token over TLS that Graph takes`, async () => {
    await using simulator = await startSimulator({ tls: certificate });
    expect(simulator.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { tenantId, clientId, clientSecret } = simulator;
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
      authorityHost: simulator.url,
      // MSAL asks login.microsoftonline.com about hosts that are not on its list; a test must not depend on that.
      disableInstanceDiscovery: true,
      tlsOptions: { ca: certificate.cert },
    });
    const told: unknown[] = [];
    simulator.events.on("token:issued", (event) => told.push(event));
    const { token, expiresOnTimestamp } = await credential.getToken(SCOPE);
    expect(told).toEqual([{ tenantId, clientId }]);
    expect(expiresOnTimestamp).toBeGreaterThan(simulator.clock.now() + 59 * 60_000);
    const answer = await credentialedGet(`${simulator.url}/v1.0/users`, token);
    expect(answer.status).toBe(200);
  });

  it(`${verifies("token-client-credentials")} needs no option at all where the network leads to the simulator`, async () => {
    const microsoft = await makeCertificate({ host: "login.microsoftonline.com" });
    const folder = await mkdtemp(join(tmpdir(), "graph-simulator-"));
    const authority = join(folder, "authority.pem");
    await writeFile(authority, microsoft.cert);
    await using simulator = await startSimulator({ tls: microsoft });
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const tunnel = connect(Number(new URL(simulator.url).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        // Whichever end goes first, the other may still be writing.
        void Promise.allSettled([pipeline(tunnel, socket), pipeline(socket, tunnel)]);
      });
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const address = proxy.address();
    const port = typeof address === "object" && address ? address.port : 0;

    const { tenantId, clientId, clientSecret } = simulator;
    const app = `
      import { ClientSecretCredential } from "@azure/identity";
      const credential = new ClientSecretCredential(...process.argv.slice(1));
      const { token } = await credential.getToken("${SCOPE}");
      process.stdout.write(token);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", app, tenantId, clientId, clientSecret],
      {
        cwd: import.meta.dirname,
        env: {
          ...process.env,
          HTTPS_PROXY: `http://127.0.0.1:${port}`,
          NO_PROXY: "",
          NODE_EXTRA_CA_CERTS: authority,
        },
      },
    );
    expect(decodeJwt(stdout)).toMatchObject({ appid: clientId, tid: tenantId });
    expect(new Set(asked)).toEqual(new Set(["login.microsoftonline.com:443"]));
    proxy.close();
    proxy.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  it(`${verifies("token-errors")} tells of a wrong secret in Entra's words`, async () => {
    await using simulator = await startSimulator({ tls: certificate });
    const credential = new ClientSecretCredential(simulator.tenantId, simulator.clientId, "wrong", {
      authorityHost: simulator.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: certificate.cert },
    });
    await expect(credential.getToken(SCOPE)).rejects.toThrow(/AADSTS7000215: Invalid client secret provided/);
  });
});

/** As any client that was told of the certificate. */
async function credentialedGet(url: string, token: string): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    request(url, { ca: certificate.cert, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    })
      .once("error", reject)
      .end();
  });
}

describe("the login service", () => {
  it.each([
    {
      path: "common/v2.0",
      issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
      keys: "discovery/v2.0/keys",
    },
    { path: "common", issuer: "https://sts.windows.net/{tenantid}/", keys: "discovery/keys" },
    {
      path: "contoso.onmicrosoft.com/v2.0",
      issuer: "https://login.microsoftonline.com/5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352/v2.0",
      keys: "discovery/v2.0/keys",
    },
  ])(`${verifies("openid-configuration")} describes itself at /$path`, async ({ path, issuer, keys }) => {
    await using world = await startWorld();
    const { url } = world.simulator;
    const { body } = await world.plain("GET", `/${path}/.well-known/openid-configuration`);
    expect(body["issuer"]).toBe(issuer);
    expect(text(body, "token_endpoint")).toMatch(new RegExp(`^${url}/[^/]+/oauth2/`));
    expect(text(body, "jwks_uri").startsWith(`${url}/`)).toBe(true);
    expect(text(body, "jwks_uri").endsWith(`/${keys}`)).toBe(true);
    const keySet = await world.plain("GET", text(body, "jwks_uri").slice(url.length));
    expect(objects(keySet.body, "keys")[0]).toMatchObject({ kty: "RSA", use: "sig", e: "AQAB" });
  });

  it(`${verifies("openid-configuration")} knows no other tenant`, async () => {
    await using world = await startWorld();
    const answer = await world.plain("GET", "/nowhere.example/v2.0/.well-known/openid-configuration");
    expect(answer.status).toBe(400);
  });

  it("answers the instance discovery of its own host and of its cloud's, and of no other", async () => {
    await using world = await startWorld();
    const { url } = world.simulator;
    const ask = (endpoint: string): Promise<Answered> =>
      world.plain(
        "GET",
        `/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(endpoint)}`,
      );
    const own = await ask(`${url}/contoso.onmicrosoft.com/oauth2/v2.0/authorize`);
    expect(own.body).toMatchObject({
      tenant_discovery_endpoint: `${url}/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration`,
    });
    const hosts = objects(own.body, "metadata").flatMap((entry) => entry["aliases"]);
    expect(hosts).toEqual(["login.microsoftonline.com", new URL(url).host]);
    expect((await ask("https://login.microsoftonline.com/common/oauth2/v2.0/authorize")).status).toBe(200);
    expect((await ask("https://login.example/common/oauth2/v2.0/authorize")).body["error"]).toBe(
      "invalid_instance",
    );
  });

  it(`${verifies("signing-keys-rotate")} publishes a key before it signs and for a while after`, async () => {
    await using world = await startWorld({ login: { keyRotationMs: HOUR_MS } });
    const { simulator } = world;
    const { clientId, clientSecret } = simulator;
    const signingKey = async (): Promise<string | undefined> => {
      const token = await requestToken(simulator, { client_id: clientId, client_secret: clientSecret });
      return decodeProtectedHeader(text(token.body, "access_token")).kid;
    };
    const published = async (): Promise<readonly unknown[]> => {
      const { body } = await world.plain("GET", "/common/discovery/v2.0/keys");
      return objects(body, "keys").map((key) => key["kid"]);
    };
    const first = await signingKey();
    const atFirst = await published();
    expect(atFirst).toContain(first);
    simulator.clock.advance(HOUR_MS);
    const second = await signingKey();
    expect(second).not.toBe(first);
    expect(atFirst).toContain(second);
    expect(await published()).toContain(first);
    simulator.clock.advance(HOUR_MS);
    expect(await published()).not.toContain(first);
  });

  it.each([
    { cloud: "usGovL4", login: "https://login.microsoftonline.us", issuer: "https://sts.windows.net/" },
    { cloud: "china", login: "https://login.chinacloudapi.cn", issuer: "https://sts.chinacloudapi.cn/" },
  ] as const)(`${verifies("cloud-roots")} of $cloud has issuers of its own`, async (row) => {
    const { cloud, login, issuer } = row;
    await using world = await startWorld({ cloud });
    const { clientId, clientSecret, tenantId } = world.simulator;
    const { body } = await world.plain("GET", "/common/v2.0/.well-known/openid-configuration");
    expect(text(body, "issuer")).toBe(`${login}/{tenantid}/v2.0`);
    const token = await requestToken(world.simulator, { client_id: clientId, client_secret: clientSecret });
    expect(decodeJwt(text(token.body, "access_token")).iss).toBe(`${issuer}${tenantId}/`);
  });
});
