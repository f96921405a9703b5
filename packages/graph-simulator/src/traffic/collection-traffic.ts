import type { JsonObject } from "../http/json.ts";
import type { Activity, TrafficKind, Turn, Workplace } from "./traffic-kind.ts";

/** Things traffic remembers for one user; the older ones stay where they are, untouched. */
const MAX_REMEMBERED = 100;

/** What a request writes. */
export type Body = (turn: Turn) => JsonObject;

/** A kind of thing that is made, changed and removed in a collection. */
export interface CollectionTraffic {
  readonly settle: TrafficKind["settle"];
  readonly make: Body;
  readonly change: Body;
  /** How often each compared with the others. */
  readonly weights: { readonly make: number; readonly change: number; readonly remove: number };
  /**
   * Path of a new thing.
   * @default its id below the collection
   */
  readonly pathOf?: (workplace: Workplace, id: string) => string;
  /**
   * What is changed of a thing: a part of its path.
   * @default the thing itself
   */
  readonly changed?: string;
  /** @default DELETE of the thing itself */
  readonly remove?: (path: string) => { readonly method: string; readonly path: string };
}

/** The traffic of things in a collection. While there is nothing to change or to remove, something is made. */
export function collectionTraffic(collection: CollectionTraffic): TrafficKind {
  const { settle, weights, changed = "" } = collection;
  const make = making(collection);
  const change = onMade(make, async (workplace, path) => {
    const values = collection.change(workplace);
    return (await workplace.tenant.request("PATCH", `${path}${changed}`, values)) !== undefined;
  });
  const remove = takingMade(make, async ({ tenant }, path) => {
    const request = collection.remove?.(path) ?? { method: "DELETE", path };
    return (await tenant.request(request.method, request.path)) !== undefined;
  });
  return {
    settle,
    activities: {
      make: { weight: weights.make, run: make },
      change: { weight: weights.change, run: change },
      remove: { weight: weights.remove, run: remove },
    },
  };
}

/** Makes something, and remembers it. */
export function making({ make, pathOf = below }: Pick<CollectionTraffic, "make" | "pathOf">): Activity {
  return async (workplace) => {
    const thing = await workplace.tenant.request("POST", workplace.home, make(workplace));
    if (typeof thing?.["id"] !== "string") return false;
    remember(workplace, pathOf(workplace, thing["id"]));
    return true;
  };
}

/** Does something to one of the things made, any of them. */
export function onMade(
  make: Activity,
  act: (workplace: Workplace, path: string) => Promise<boolean>,
): Activity {
  return (workplace) => {
    const path = workplace.made[workplace.random.below(workplace.made.length)];
    return path === undefined ? make(workplace) : act(workplace, path);
  };
}

/** Does something to the oldest of the things made, and forgets it. */
export function takingMade(
  make: Activity,
  act: (workplace: Workplace, path: string) => Promise<boolean>,
): Activity {
  return (workplace) => {
    const path = workplace.made.shift();
    return path === undefined ? make(workplace) : act(workplace, path);
  };
}

export function remember({ made }: Workplace, path: string): void {
  made.push(path);
  if (made.length > MAX_REMEMBERED) made.shift();
}

function below({ home }: Workplace, id: string): string {
  return `${home}/${id}`;
}
