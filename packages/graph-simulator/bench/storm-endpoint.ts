// An endpoint in a process of its own: answers handshakes, counts notifications, and tells at the end which it was sent.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

const ids: string[] = [];

const server = createServer((request, response) => {
  const token = new URL(request.url ?? "/", "http://endpoint").searchParams.get("validationToken");
  if (token !== null) {
    response.writeHead(200, { "content-type": "text/plain" }).end(token);
    return;
  }
  void receive(request, response);
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { value }: { value: readonly { readonly id: string }[] } = JSON.parse(await text(request));
  for (const { id } of value) ids.push(id);
  response.writeHead(202).end();
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});

process.once("message", () => {
  process.send?.({ ids }, () => process.exit());
});
