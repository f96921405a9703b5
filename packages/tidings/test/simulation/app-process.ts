import type { Simulator } from "@tidings/graph-simulator";
import { Tidings } from "../../src/app/tidings.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { AccessToken, TokenCredential } from "../../src/core/ports/credential.ts";
import type { Logger } from "../../src/core/ports/logger.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { Life } from "./life.ts";
import type { SharedStore } from "./shared-store.ts";

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const SECRET = "a secret that the simulation keeps for itself";
export const PUBLIC_URL = "https://tidings.example";
const LOGIN_ROOT = "https://login.microsoftonline.com";

/** The world a process finds itself in. */
export interface Surroundings {
  readonly graph: Simulator;
  readonly store: SharedStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** One process that runs an app, from its start until it is stopped or killed. */
export class AppProcess<Declared> {
  readonly life: Life = new Life();
  readonly tidings: Tidings;
  /** What `declare` answered. */
  readonly declared: Declared;
  readonly #world: Surroundings;

  constructor(world: Surroundings, declare: (tidings: Tidings) => Declared) {
    this.#world = world;
    this.tidings = new Tidings({
      name: "simulated",
      logger: SILENT,
      secret: SECRET,
      publicUrl: PUBLIC_URL,
      tenantId: world.graph.tenantId,
      store: world.store.for(this.life),
      credential: ({ tenantId }) => this.#credentialOf(tenantId),
    });
    this.declared = declare(this.tidings);
  }

  async start(): Promise<void> {
    const { clock, random } = this.#world;
    const host = {
      random,
      clock: {
        now: () => clock.now(),
        sleep: async (ms: number, signal?: AbortSignal) =>
          this.life.pass("clock", async () => clock.sleep(ms, signal)),
      },
      fetch: async (url: URL, init: RequestInit) => this.#fetch(url, init),
    };
    await this.life.outcomeOf(this.tidings.start(host));
  }

  /** Stops it gracefully, as SIGTERM does. */
  async stop(): Promise<void> {
    await this.life.outcomeOf(this.tidings.stop());
    this.life.end();
  }

  /** What came to its endpoint. @throws Error when there is nobody to answer */
  async receive(request: Request): Promise<Response> {
    const answer = this.life.isOver ? "died" : await this.life.outcomeOf(this.tidings.fetch(request));
    if (answer === "died") throw new Error("ECONNRESET");
    return answer;
  }

  async #fetch(url: URL | string, init: RequestInit): Promise<Response> {
    // Before the first subscription an app asks its own endpoint.
    if (String(url).startsWith(PUBLIC_URL)) return this.tidings.fetch(new Request(url, init));
    return this.life.pass("graph", async () => this.#world.graph.fetch(url, init));
  }

  #credentialOf(tenantId: string): TokenCredential {
    return {
      getToken: async (scopes): Promise<AccessToken> => {
        const { clientId, clientSecret } = this.#world.graph;
        const response = await this.#fetch(`${LOGIN_ROOT}/${tenantId}/oauth2/v2.0/token`, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: clientId,
            client_secret: clientSecret,
            scope: [scopes].flat().join(" "),
          }),
        });
        const answer: unknown = await response.json();
        const { access_token: token, expires_in: seconds } = isJsonObject(answer) ? answer : {};
        if (typeof token !== "string" || typeof seconds !== "number") {
          throw new Error(`the login service answered ${response.status}`);
        }
        return { token, expiresOnTimestamp: this.#world.clock.now() + seconds * 1000 };
      },
    };
  }
}
