import type { Handler } from "../core/change.ts";
import { isOfUser, type DeclarationSpec } from "../core/declaration.ts";
import { expandTemplate, type Params, type ParamsOf } from "../core/resource-template.ts";
import { assertTenantId } from "./options.ts";

export interface SubscribeOptions {
  /** GUID of the tenant. @default the app's `tenantId`, or the tenant the credential signs in to */
  readonly tenantId?: string | undefined;
  /** For `me`: who is signed in, as the `credential` function is told. */
  readonly userId?: string | undefined;
}

/** Carries out what a declaration is asked; the running app does. */
export interface SubscriptionDesk {
  subscribe(spec: DeclarationSpec, params: Params, subscriber: SubscribeOptions): Promise<void>;
  unsubscribe(spec: DeclarationSpec, params: Params, subscriber: SubscribeOptions): Promise<void>;
  pause(): void;
  resume(): void;
}

/** What `tidings.on(…)` returns: a resource that is declared, with what handles it. */
export class Declaration<Resource extends string = string> {
  readonly resource: Resource;
  readonly spec: DeclarationSpec;
  /** Undefined in an app with `inbox`. */
  readonly handler: Handler | undefined;
  readonly #desk: SubscriptionDesk;

  constructor(
    resource: Resource,
    spec: DeclarationSpec,
    handler: Handler | undefined,
    desk: SubscriptionDesk,
  ) {
    this.resource = resource;
    this.spec = spec;
    this.handler = handler;
    this.#desk = desk;
  }

  get name(): string {
    return this.spec.name;
  }

  /**
   * Makes the resource with these parameters desired, now and after every restart. Idempotent. Durable when it
   * resolves; Graph is asked soon after. Called before `start()` it is remembered, and written once the app runs.
   *
   * @throws TypeError for parameters that do not fit the resource, with the value shown; CredentialError when the
   *   tenant is not given and the credential gives no token; StoreError
   */
  async subscribe(params: ParamsOf<Resource>, options: SubscribeOptions = {}): Promise<void> {
    await this.#desk.subscribe(this.spec, { ...params }, this.#subscriberOf(params, options));
  }

  /** Ends what `subscribe` with the same parameters began. Idempotent. Throws as `subscribe`. */
  async unsubscribe(params: ParamsOf<Resource>, options: SubscribeOptions = {}): Promise<void> {
    await this.#desk.unsubscribe(this.spec, { ...params }, this.#subscriberOf(params, options));
  }

  /**
   * Calls the handler no more until `resume()`; what arrives waits in the inbox. For this process only.
   * @throws Error before `start()`
   */
  pause(): void {
    this.#desk.pause();
  }

  /** @throws Error before `start()` */
  resume(): void {
    this.#desk.resume();
  }

  #subscriberOf(params: Params, { tenantId, userId }: SubscribeOptions): SubscribeOptions {
    const { template } = this.spec;
    expandTemplate(template, params);
    assertTenantId(tenantId);
    if (isOfUser(template) !== (userId !== undefined)) {
      throw new TypeError(
        isOfUser(template)
          ? `Expected \`userId\` to say whose \`${template.path}\` it is, got none`
          : `Expected no \`userId\` for \`${template.path}\`, which the app reads itself, got \`${userId}\``,
      );
    }
    return {
      ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
      ...(userId === undefined ? {} : { userId }),
    };
  }
}
