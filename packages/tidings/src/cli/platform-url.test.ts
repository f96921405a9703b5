import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { publicUrlFromPlatform } from "./platform-url.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close().closeAllConnections();
  server = undefined;
});

/** A metadata server. @returns its address, as the variable has it */
async function metadataServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It does not listen");
  return `127.0.0.1:${address.port}`;
}

describe("on Container Apps", () => {
  const app = {
    CONTAINER_APP_NAME: "tidings",
    CONTAINER_APP_ENV_DNS_SUFFIX: "redmoss-5f0c3a7e.westeurope.azurecontainerapps.io",
  };

  it("is the app's own name, not its revision's", async () => {
    const revision = `tidings--20mh1s9.${app.CONTAINER_APP_ENV_DNS_SUFFIX}`;
    expect(await publicUrlFromPlatform({ ...app, CONTAINER_APP_HOSTNAME: revision })).toBe(
      "https://tidings.redmoss-5f0c3a7e.westeurope.azurecontainerapps.io",
    );
  });

  it("is not known to a job, which has no address", async () => {
    expect(await publicUrlFromPlatform({ ...app, CONTAINER_APP_NAME: "" })).toBeUndefined();
  });
});

describe("on Cloud Run", () => {
  it("follows from the service, the project and the region", async () => {
    const host = await metadataServer(({ url, headers }, response) => {
      const isRight =
        url === "/computeMetadata/v1/instance/region" && headers["metadata-flavor"] === "Google";
      response.writeHead(isRight ? 200 : 403).end(isRight ? "projects/123456789/regions/europe-west1" : "");
    });
    expect(await publicUrlFromPlatform({ K_SERVICE: "tidings", GCE_METADATA_HOST: host })).toBe(
      "https://tidings-123456789.europe-west1.run.app",
    );
    const long = "a".repeat(54);
    expect(await publicUrlFromPlatform({ K_SERVICE: long, GCE_METADATA_HOST: host })).toBeUndefined();
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ["refuses", (_, response) => response.writeHead(404).end("no such thing")],
    ["leads elsewhere", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end()],
    ["cuts off", (request) => request.destroy()],
    ["never answers", () => {}],
  ])("is not known where the metadata server %s", async (_, answer) => {
    const host = await metadataServer(answer);
    expect(await publicUrlFromPlatform({ K_SERVICE: "tidings", GCE_METADATA_HOST: host })).toBeUndefined();
  });
});

it("is not known anywhere else, and nobody is asked", async () => {
  let asked = 0;
  const host = await metadataServer((_, response) => {
    asked += 1;
    response.end("projects/1/regions/a");
  });
  expect(await publicUrlFromPlatform({ GCE_METADATA_HOST: host })).toBeUndefined();
  expect(asked).toBe(0);
});
