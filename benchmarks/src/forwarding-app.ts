/** An app that forwards what is authentic to a topic, in a process of its own: `forwarding-app.ts <broker> <topic> <secret>`. */
import { kafka } from "../../packages/tidings/src/kafka/inbox.ts";
import { Tidings } from "../../packages/tidings/src/index.ts";
import { answerParent } from "./face.ts";

export type ForwardingAppFace = {
  /** @returns where notifications go */
  start: (argument: undefined) => Promise<string>;
  stop: (argument: undefined) => Promise<void>;
};

const [broker = "", topic = "", secret = ""] = process.argv.slice(2);

const tidings = new Tidings({
  name: "benchmark",
  secret,
  // Who only forwards asks Graph for nothing.
  credential: {
    getToken: async () => {
      throw new Error("nobody signs in here");
    },
  },
  inbox: kafka({ brokers: [broker], topic }),
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
});

tidings.on("users", { changeType: "updated" });

let server: Awaited<ReturnType<Tidings["listen"]>> | undefined;

answerParent({
  async start() {
    server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    await tidings.start({ publicUrl: server.url });
    return `${server.url}/notifications`;
  },
  async stop() {
    await tidings.stop();
    await server?.close();
  },
} satisfies ForwardingAppFace);
