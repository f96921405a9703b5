import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import { Child } from "./child.ts";
import type { MeterFace } from "./meter.ts";
import type { Resource, Subscribed } from "./notification.ts";
import type { Declared, ServedAppFace } from "./served-app.ts";

/** An app in a process of its own that has its subscriptions at a simulated Graph in this one. */
export interface SubscribedApp extends AsyncDisposable {
  readonly child: Child<MeterFace & ServedAppFace>;
  /** @throws Error when it has no declaration on that */
  readonly subscribedTo: (resource: Resource) => Subscribed;
  readonly storePath: string;
}

export interface StartAppOptions {
  /** For the store. */
  readonly folder: string;
  readonly name: string;
  readonly profiles: string | undefined;
  /** @default one on users */
  readonly declarations?: readonly Declared[];
}

const SUBSCRIBE_MS = 10_000;
const POLL_MS = 20;

export async function startApp(options: StartAppOptions): Promise<SubscribedApp> {
  const { folder, name, profiles, declarations = [{ resource: "users" }] } = options;
  const storePath = join(folder, `${name}.db`);
  const resources = new AsyncDisposableStack();
  try {
    const simulator = resources.adopt(await startSimulator(), async (started) => started.close());
    const child = resources.use(
      new Child<MeterFace & ServedAppFace>(new URL("./served-app.ts", import.meta.url), {
        args: [simulator.url, storePath, JSON.stringify(declarations)],
        profiles,
      }),
    );
    const { tenantId, clientId, clientSecret } = simulator;
    await child.ask("start", { tenantId, clientId, clientSecret });
    const made = await subscriptionsOf(simulator, declarations.length);
    return {
      child,
      subscribedTo: (resource) => subscribedTo(resource, made),
      storePath,
      [Symbol.asyncDispose]: async () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

type Made = ReturnType<Simulator["subscriptions"]["list"]>;

async function subscriptionsOf({ subscriptions }: Simulator, count: number): Promise<Made> {
  for (let waitedMs = 0; waitedMs < SUBSCRIBE_MS; waitedMs += POLL_MS) {
    const made = subscriptions.list();
    if (made.length === count) return made;
    await setTimeout(POLL_MS);
  }
  throw new Error("The app did not make its subscriptions");
}

function subscribedTo(resource: Resource, made: Made): Subscribed {
  const own = made.find((subscription) => subscription.topic === resource);
  if (own === undefined) throw new Error(`The app has no declaration on ${resource}`);
  const { id, clientState, notificationUrl, tenantId } = own;
  return {
    resource,
    url: notificationUrl,
    subscriptionId: id,
    clientState: clientState ?? "",
    tenantId,
  };
}
