import type { ChangedEntity, ChangeSource } from "../entities/entity-collection.ts";
import type { Entity } from "../entities/entity.ts";
import { selectProperties } from "../graph/entity-type.ts";
import type { GraphRequest } from "../graph/graph-request.ts";
import { prefersMinimal } from "../graph/prefer.ts";
import type { JsonObject } from "../http/json.ts";
import type { PathParams } from "../http/path.ts";
import { json, type Refusal, type Reply } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import type { Random } from "../random.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";
import type { DeltaDialect } from "./delta-dialect.ts";
import type { DeltaSettings } from "./delta-options.ts";
import type { DeltaState, DeltaTokens, TokenPolicy } from "./delta-token.ts";

/** What one delta function is about. */
export interface DeltaSource {
  readonly kind: "source";
  readonly dialect: DeltaDialect;
  readonly collection: ChangeSource;
  /** The mailbox or tenant whose tokens are counted together. */
  readonly owner: string;
  /** The part of `@odata.context` behind the `#`. */
  readonly context: string;
  /** Which ids the query is about; all of the collection without it. */
  readonly isAbout?: ((id: string) => boolean) | undefined;
  /** Which entities are in its view; all without it. One that leaves is told as removed. */
  readonly isInView?: ((entity: Entity) => boolean) | undefined;
  /** The changes asked for; all without it. */
  readonly changeTypes?: readonly ChangeType[] | undefined;
  /**
   * The entity as the query tells it, before `$select`.
   *
   * @param base number of the last change of the rounds before
   */
  readonly render?: ((entity: Entity, base: number) => JsonObject) | undefined;
  /** Properties that are always told, whatever is selected. */
  readonly keeps?: readonly string[] | undefined;
}

/** Opens what a delta function is about. @param query of the round's first request */
export type OpenDelta = (
  request: GraphRequest,
  params: PathParams,
  query: URLSearchParams,
) => DeltaSource | Refusal;

export interface DeltaQueriesOptions {
  readonly tokens: DeltaTokens;
  readonly random: Random;
  readonly settings: DeltaSettings;
}

interface Page {
  readonly items: readonly JsonObject[];
  readonly state: DeltaState;
  readonly isLast: boolean;
}

/**
 * Delta functions: a round of pages that tell what changed, ended by the link the next round begins with.
 *
 * A change made during a round is told in the same round when its place has not been passed, so an entity may be told
 * twice. Applying each as it comes leads to the present state; the documentation asks no more of either side.
 *
 * @see https://learn.microsoft.com/graph/delta-query-overview
 */
export class DeltaQueries {
  readonly #options: DeltaQueriesOptions;

  constructor(options: DeltaQueriesOptions) {
    this.#options = options;
  }

  /** @param path of the collection, for example `users`; the function is `users/delta` */
  addTo(router: Router<GraphRequest>, path: string, open: OpenDelta): void {
    router
      .add("GET", `${path}/delta`, (request, params) => this.#answer(request, params, open))
      .add("GET", `${path}/delta/{argument}`, (request, params) =>
        this.#answer(withTokenArgument(request, params.get("argument")), params, open),
      );
  }

  #answer(request: GraphRequest, params: PathParams, open: OpenDelta): Reply {
    const { tokens, settings } = this.#options;
    const scope = scopeOf(request);
    const token = tokenOf(request.query);
    const asked = withoutToken(request.query);
    const issue = token === "" ? undefined : tokens.open(token, scope);
    const source = open(request, params, issue ? new URLSearchParams(issue.query) : asked);
    if (source.kind === "refused") return source;
    const { dialect } = source;
    const start: DeltaState = { scope, query: asked.toString(), base: 0, position: 0, previousBase: 0 };
    if (token === "") return this.#page(request, source, start);
    if (dialect.takesLatest && token.toLowerCase() === "latest") return this.#latest(request, source, start);
    if (!issue) return dialect.malformed();
    const ended = tokens.endOf(issue, this.#policy(source));
    if (ended) return dialect.ended({ ...ended, startUrl: startUrl(request) }, settings);
    return this.#page(request, source, this.#replayed(issue));
  }

  /** Nothing, and the link to what comes after. */
  #latest(request: GraphRequest, source: DeltaSource, start: DeltaState): Reply {
    const last = [...source.collection.changesAfter(0)].at(-1)?.number ?? 0;
    const state: DeltaState = { ...start, base: last, position: last };
    return this.#reply(request, source, { items: [], state, isLast: true });
  }

  #page(request: GraphRequest, source: DeltaSource, state: DeltaState): Reply {
    const size = source.dialect.pageSize(request, new URLSearchParams(state.query));
    if (typeof size !== "number") return size;
    if (this.#happens(this.#options.settings.emptyPageRatio)) {
      return this.#reply(request, source, { items: [], state, isLast: false });
    }
    const items: JsonObject[] = [];
    let { position } = state;
    let isLast = true;
    for (const change of source.collection.changesAfter(state.position)) {
      const item = this.#tell(change, source, { request, state });
      isLast = item === undefined || items.length < size;
      if (!isLast) break;
      if (item) items.push(item);
      position = change.number;
    }
    const repeated = items.filter(() => this.#happens(this.#options.settings.repeatRatio));
    return this.#reply(request, source, {
      items: [...items, ...repeated],
      state: { ...state, position },
      isLast,
    });
  }

  #tell(
    change: ChangedEntity,
    source: DeltaSource,
    { request, state }: { request: GraphRequest; state: DeltaState },
  ): JsonObject | undefined {
    const { dialect, changeTypes, isAbout = () => true, isInView = () => true } = source;
    if (!isAbout(change.id)) return undefined;
    if (changeTypes && !changeTypes.includes(changeTypeOf(change, state))) return undefined;
    // What was made since has never been told, so its end is nothing to tell. A replay goes back behind what was told.
    const mayBeKnown = change.createdNumber <= Math.max(state.base, state.position);
    if (change.state.kind === "removed") {
      return mayBeKnown ? dialect.removed(change.id, change.state.reason) : undefined;
    }
    const { entity } = change.state;
    if (!isInView(entity)) return mayBeKnown ? dialect.removed(change.id, "deleted") : undefined;
    const whole = source.render?.(entity, state.base) ?? entity;
    const isMinimal = state.base > 0 && prefersMinimal(request.headers);
    const body = isMinimal ? changedProperties(whole, change, state.base) : whole;
    return selectProperties(body, new URLSearchParams(state.query).get("$select"), source.keeps);
  }

  #reply(request: GraphRequest, source: DeltaSource, { items, state, isLast }: Page): Reply {
    const { nextParameter, deltaParameter } = source.dialect;
    const next = isLast ? { ...state, base: state.position, previousBase: state.base } : state;
    const token = this.#options.tokens.issue(next, this.#policy(source));
    const link = `${startUrl(request)}?${isLast ? deltaParameter : nextParameter}=${token}`;
    return json(200, {
      "@odata.context": `${request.root}/$metadata#${source.context}`,
      [isLast ? "@odata.deltaLink" : "@odata.nextLink"]: link,
      value: items,
    });
  }

  /** Only the beginning of a round can be replayed: in its middle there is nothing yet to tell again. */
  #replayed(state: DeltaState): DeltaState {
    const isBeginning = state.position === state.base && state.base > 0;
    if (!isBeginning || !this.#happens(this.#options.settings.replayRatio)) return state;
    return { ...state, position: state.previousBase };
  }

  #policy({ dialect, owner }: DeltaSource): TokenPolicy {
    const { settings } = this.#options;
    return { owner, lifeMs: dialect.lifeMs?.(settings), capacity: dialect.capacity?.(settings) };
  }

  #happens(ratio: number): boolean {
    return ratio > 0 && this.#options.random.fraction() < ratio;
  }
}

function changeTypeOf(change: ChangedEntity, state: DeltaState): ChangeType {
  if (change.state.kind === "removed") return "deleted";
  return change.createdNumber > state.base ? "created" : "updated";
}

/** Those that changed after `base`, and what is no property of the entity itself, such as its relationships. */
function changedProperties(body: JsonObject, change: ChangedEntity, base: number): JsonObject {
  const entity = change.state.kind === "present" ? change.state.entity : {};
  const isChanged = (name: string): boolean =>
    name === "id" ||
    !Object.hasOwn(entity, name) ||
    (change.propertyNumbers.get(name) ?? change.createdNumber) > base;
  return Object.fromEntries(Object.entries(body).filter(([name]) => isChanged(name)));
}

const TOKEN_PARAMETERS: ReadonlySet<string> = new Set(["$deltatoken", "$skiptoken", "token"]);

/** The empty string without one. An empty `$deltatoken=` starts anew, as the `Location` of a reset does. */
function tokenOf(query: URLSearchParams): string {
  for (const [name, value] of query) if (TOKEN_PARAMETERS.has(name.toLowerCase())) return value;
  return "";
}

function withoutToken(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => !TOKEN_PARAMETERS.has(name.toLowerCase())));
}

/** `delta(token='…')` is `delta?token=…`. */
function withTokenArgument(request: GraphRequest, argument: string): GraphRequest {
  const [, token = argument] = /^token='?(.*?)'?$/i.exec(argument) ?? [];
  return { ...request, query: new URLSearchParams([...request.query, ["token", token]]) };
}

/** The delta function without token and query. */
function startUrl(request: GraphRequest): string {
  return `${request.origin}${pathOf(request)}`;
}

function pathOf(request: GraphRequest): string {
  return request.path.replace(/\(token=[^)]*\)$|\(\)$/i, "");
}

/** The path without its version, in lower case. */
function scopeOf(request: GraphRequest): string {
  return pathOf(request)
    .replace(/^\/[^/]+\//, "")
    .toLowerCase();
}
