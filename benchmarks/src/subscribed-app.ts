import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startSimulator } from "@tidings/graph-simulator";
import { Child } from "./child.ts";
import type { MeterFace } from "./meter.ts";
import type { Subscribed } from "./notification.ts";
import type { ServedAppFace } from "./served-app.ts";

/** An app in a process of its own that has its subscription at a simulated Graph in this one. */
export interface SubscribedApp extends AsyncDisposable {
  readonly child: Child<MeterFace & ServedAppFace>;
  /** Where Graph would send its notifications. */
  readonly url: string;
  readonly subscribed: Subscribed;
  readonly storePath: string;
}

export interface StartAppOptions {
  /** For the store. */
  readonly folder: string;
  readonly name: string;
  readonly profiles: string | undefined;
}

const SUBSCRIBE_MS = 10_000;
const POLL_MS = 20;

export async function startApp({ folder, name, profiles }: StartAppOptions): Promise<SubscribedApp> {
  const storePath = join(folder, `${name}.db`);
  const resources = new AsyncDisposableStack();
  try {
    const simulator = resources.adopt(await startSimulator(), async (started) => started.close());
    const child = resources.use(
      new Child<MeterFace & ServedAppFace>(new URL("./served-app.ts", import.meta.url), {
        args: [simulator.url, storePath],
        profiles,
      }),
    );
    const { tenantId, clientId, clientSecret } = simulator;
    await child.ask("start", { tenantId, clientId, clientSecret });
    for (let waitedMs = 0; waitedMs < SUBSCRIBE_MS; waitedMs += POLL_MS) {
      const [made] = simulator.subscriptions.list();
      if (made !== undefined) {
        const subscribed = { subscriptionId: made.id, clientState: made.clientState ?? "", tenantId };
        return {
          child,
          url: made.notificationUrl,
          subscribed,
          storePath,
          [Symbol.asyncDispose]: async () => resources.disposeAsync(),
        };
      }
      await setTimeout(POLL_MS);
    }
    throw new Error("The app made no subscription");
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}
