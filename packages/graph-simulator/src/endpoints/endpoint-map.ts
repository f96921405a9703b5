/** What an endpoint within the process is given besides the request. */
export interface EndpointContext {
  /** Lets time of the simulator's clock pass before the endpoint goes on. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** An endpoint within the process, in the form every web framework can make of itself. */
export type EndpointHandler = (request: Request, context: EndpointContext) => Response | Promise<Response>;

/** The endpoints that are called within the process, by the beginning of their URL. All others are called over HTTP. */
export class EndpointMap {
  readonly #handlers = new Map<string, EndpointHandler>();

  /**
   * @param url beginning of the notification URLs it is for, for example `https://app.example`
   * @throws TypeError when it is no absolute URL
   */
  set(url: string, handler: EndpointHandler): void {
    this.#handlers.set(spell(url), handler);
  }

  delete(url: string): void {
    this.#handlers.delete(spell(url));
  }

  /** The handler whose beginning fits; the longest wins. */
  find(url: string): EndpointHandler | undefined {
    if (this.#handlers.size === 0) return undefined;
    const wanted = spell(url);
    let found = "";
    for (const beginning of this.#handlers.keys()) {
      if (isBeginning(beginning, wanted) && beginning.length > found.length) found = beginning;
    }
    return this.#handlers.get(found);
  }
}

function spell(url: string): string {
  if (!URL.canParse(url)) throw new TypeError(`Expected an absolute URL, got '${url}'`);
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

function isBeginning(beginning: string, url: string): boolean {
  return url === beginning || url.startsWith(`${beginning}/`);
}
