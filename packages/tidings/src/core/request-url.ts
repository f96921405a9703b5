/** What of a request's URL says who it is for. */
export interface RequestUrl {
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
}

/**
 * Splits a request's URL, which may be whole or begin with its path. Nothing is decoded or resolved: what is not
 * spelled as we spelled it to Graph is not for us. A `URL` per request costs more than all else of finding the way.
 */
export function splitRequestUrl(url: string): RequestUrl {
  const [target = ""] = withoutOrigin(url).split("#", 1);
  const mark = target.indexOf("?");
  return mark === -1
    ? { path: target, query: "" }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function withoutOrigin(url: string): string {
  return url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
}
