/** The baseline: reads the body, parses it, forgets it and answers 202. What HTTP and JSON cost by themselves. */
import { createServer } from "node:http";
import { answerParent } from "./face.ts";

export type BareServerFace = {
  /** @returns the port */
  listen: (argument: undefined) => Promise<number>;
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(202, { "content-length": "0" }).end();
  });
});

answerParent({
  listen: async () =>
    new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    }),
} satisfies BareServerFace);
