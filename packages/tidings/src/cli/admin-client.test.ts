import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { AdminClient } from "./admin-client.ts";

const TOKEN = "a-token-of-more-than-thirty-two-characters";

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function urlOf(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

describe("a client of the admin API", () => {
  it.each<[string, RequestListener]>([
    ["does not answer", () => {}],
    ["begins to answer only", (_, response) => void response.writeHead(200).write("{")],
  ])("says of a service that %s in time that it may still be at it", async (_, answer) => {
    const client = new AdminClient({ url: await urlOf(answer), token: TOKEN }, 100);
    await expect(client.redrive({})).rejects.toMatchObject({
      name: "ServiceError",
      message: `the service at ${client.url} has not answered in time`,
      hint: expect.stringContaining("may still be under way"),
    });
  });

  it("says of a service that breaks off that it does not answer", async () => {
    const client = new AdminClient({ url: await urlOf(({ socket }) => socket.destroy()), token: TOKEN });
    await expect(client.redrive({})).rejects.toMatchObject({
      message: `the service at ${client.url} does not answer`,
    });
  });
});
