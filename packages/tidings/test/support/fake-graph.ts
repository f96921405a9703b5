import { GraphRefusedError, GraphUnreachableError, type GraphRefusal } from "../../src/core/errors.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type {
  GraphApi,
  GraphScope,
  NewGraphSubscription,
  RemoteSubscription,
  Renewal,
} from "../../src/core/ports/graph-api.ts";

export type GraphOperation = "create" | "renew" | "delete" | "list";

/** The network breaks before Graph has heard, or before its answer was; or Graph refuses. */
export type GraphFailure = "before" | "after" | Error;

export interface AskedOfGraph {
  readonly operation: GraphOperation;
  readonly scope: GraphScope;
  /** Of what is renewed or deleted. */
  readonly id?: string;
  readonly wanted?: NewGraphSubscription;
  readonly renewal?: Renewal;
}

export interface FakeGraphOptions {
  /** Graph's own. */
  readonly clock: Clock;
  /** Called when what lives has changed. */
  readonly onChange?: () => void;
  /** Called before Graph does what it was asked, and before its answer is heard: so that a request takes time. */
  readonly during?: (asked: AskedOfGraph) => Promise<void>;
}

/** What Graph has, or has had. */
interface Kept {
  readonly tenantId: string;
  readonly userId: string | undefined;
  remote: RemoteSubscription;
  readonly madeAt: number;
  endedAt: number;
}

/**
 * Graph's subscriptions, with ends that come and lists that may be stale, and a network that can fail before or after
 * Graph has done what it was asked.
 */
export class FakeGraph implements GraphApi {
  readonly asked: AskedOfGraph[] = [];
  /** A list has what there was so long ago, in milliseconds. */
  listDelayMs = 0;
  /** The longest life granted to a resource, in milliseconds. */
  maxLifeMs: (resource: string) => number = () => Infinity;
  /** Whether Graph takes only one subscription to a resource. */
  isOneOnly: (resource: string) => boolean = () => false;
  /** What a renewal is refused with; undefined for one that is not. */
  refuseRenewal: (renewal: Renewal) => Error | undefined = () => undefined;
  readonly #options: FakeGraphOptions;
  readonly #kept = new Map<string, Kept>();
  #lastId = 0;
  readonly #failures: [operation: GraphOperation, failure: GraphFailure][] = [];

  constructor(options: FakeGraphOptions) {
    this.#options = options;
  }

  /** What is alive, by id, in the order it was made. */
  get live(): ReadonlyMap<string, RemoteSubscription> {
    const kept = [...this.#kept].filter(([, each]) => this.#isLive(each));
    return new Map(kept.map(([id, { remote }]) => [id, remote]));
  }

  /** @throws RangeError when it is not alive */
  get(id: string): RemoteSubscription {
    const remote = this.live.get(id);
    if (remote === undefined) throw new RangeError(`Expected ${id} to be alive`);
    return remote;
  }

  /** What was asked, in order. */
  get calls(): readonly GraphOperation[] {
    return this.asked.map(({ operation }) => operation);
  }

  /** When one that was there ended, by Graph's clock; undefined while it lives. */
  endOf(id: string): number | undefined {
    const kept = this.#kept.get(id);
    return kept === undefined || this.#isLive(kept)
      ? undefined
      : Math.min(kept.endedAt, kept.remote.expiresAt);
  }

  /** The next request of this kind fails so; several wait for their turn. */
  failNext(operation: GraphOperation, failure: GraphFailure): void {
    this.#failures.push([operation, failure]);
  }

  /** From now on none fails. */
  recover(): void {
    this.#failures.length = 0;
  }

  /** Something that another app made, or somebody by hand. */
  plant(remote: RemoteSubscription, { tenantId, userId }: GraphScope): void {
    const madeAt = this.#options.clock.now();
    this.#kept.set(remote.id, { tenantId, userId, remote, madeAt, endedAt: Infinity });
    this.#options.onChange?.();
  }

  /** Graph loses one, or somebody deletes it. */
  lose(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined || !this.#isLive(kept)) return;
    kept.endedAt = this.#options.clock.now();
    this.#options.onChange?.();
  }

  /** Somebody changes one. */
  tamper(id: string, changes: Partial<RemoteSubscription>): void {
    const kept = this.#kept.get(id);
    if (kept === undefined || !this.#isLive(kept)) return;
    kept.remote = { ...kept.remote, ...changes };
    this.#options.onChange?.();
  }

  async createSubscription(scope: GraphScope, wanted: NewGraphSubscription): Promise<RemoteSubscription> {
    return this.#call({ operation: "create", scope, wanted }, () => {
      const { resource, changeTypes, notificationUrl, expiresAt, certificate } = wanted;
      if (changeTypes.length === 0) throw refusal({ graphMessage: "Invalid 'changeType' attribute: ''." });
      this.#refuseTooLong("POST", resource, expiresAt);
      if (this.isOneOnly(resource) && [...this.live.values()].some((other) => other.resource === resource))
        throw refusal({ status: 409, graphMessage: "A subscripton already exists." });
      const remote = {
        id: `remote-${(this.#lastId += 1)}`,
        resource,
        changeTypes,
        notificationUrl,
        expiresAt,
        certificateId: certificate?.id,
      };
      this.plant(remote, scope);
      return remote;
    });
  }

  async renewSubscription(
    scope: GraphScope,
    id: string,
    renewal: Renewal,
  ): Promise<RemoteSubscription | undefined> {
    return this.#call({ operation: "renew", scope, id, renewal }, () => {
      const { expiresAt, certificate } = renewal;
      const kept = this.#find(scope, id);
      if (kept === undefined) return undefined;
      const refused = this.refuseRenewal(renewal);
      if (refused !== undefined) throw refused;
      this.#refuseTooLong("PATCH", kept.remote.resource, expiresAt);
      this.tamper(id, { expiresAt, ...(certificate === undefined ? {} : { certificateId: certificate.id }) });
      return kept.remote;
    });
  }

  async deleteSubscription(scope: GraphScope, id: string): Promise<boolean> {
    return this.#call({ operation: "delete", scope, id }, () => {
      if (this.#find(scope, id) === undefined) return false;
      this.lose(id);
      return true;
    });
  }

  async listSubscriptions(scope: GraphScope): Promise<RemoteSubscription[]> {
    return this.#call({ operation: "list", scope }, () => {
      const at = this.#options.clock.now() - this.listDelayMs;
      return [...this.#kept.values()]
        .filter(({ tenantId, userId }) => tenantId === scope.tenantId && userId === scope.userId)
        .filter(({ madeAt, endedAt, remote }) => madeAt <= at && Math.min(endedAt, remote.expiresAt) > at)
        .map(({ remote }) => remote);
    });
  }

  async getEntity(): Promise<unknown> {
    return undefined;
  }

  async #call<Result>(asked: AskedOfGraph, work: () => Result): Promise<Result> {
    this.asked.push(asked);
    const planned = this.#failures.findIndex(([operation]) => operation === asked.operation);
    const [, failure] = (planned === -1 ? undefined : this.#failures.splice(planned, 1)[0]) ?? [];
    const lost = new GraphUnreachableError("POST", "/subscriptions", { cause: new Error("reset") });
    await this.#options.during?.(asked);
    if (failure instanceof Error) throw failure;
    if (failure === "before") throw lost;
    const result = work();
    await this.#options.during?.(asked);
    if (failure === "after") throw lost;
    return result;
  }

  #find({ tenantId }: GraphScope, id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    return kept?.tenantId === tenantId && this.#isLive(kept) ? kept : undefined;
  }

  #isLive({ endedAt, remote }: Kept): boolean {
    return Math.min(endedAt, remote.expiresAt) > this.#options.clock.now();
  }

  #refuseTooLong(method: string, resource: string, expiresAt: number): void {
    const maxMs = this.maxLifeMs(resource);
    if (expiresAt - this.#options.clock.now() <= maxMs) return;
    const minutes = maxMs / 60_000;
    const graphMessage = `Subscription expiration can only be ${minutes} minutes in the future.`;
    throw refusal({ method, graphMessage });
  }
}

/** Graph refusing a request about a subscription: 400 and nothing more, unless it says otherwise. */
export function refusal(refused: Partial<GraphRefusal> = {}): GraphRefusedError {
  return new GraphRefusedError({
    method: "POST",
    path: "/v1.0/subscriptions",
    status: 400,
    graphCode: undefined,
    graphMessage: undefined,
    requestId: "request-1",
    retryAfterMs: undefined,
    ...refused,
  });
}
