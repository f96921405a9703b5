/** Names of the `{…}` in a template: `"users/{userId}/messages"` gives `"userId"`. */
export type ParamNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** A value for each `{…}` of a template. A template that is not a literal has params of any name. */
export type ParamsOf<Template extends string> = string extends Template
  ? Readonly<Record<string, string>>
  : { readonly [Name in ParamNames<Template>]: string };

export type Params = Readonly<Record<string, string>>;

/** A resource as declared, perhaps with `{…}` in it. */
export interface ResourceTemplate {
  /** Path as written, without a leading slash and without its query. */
  readonly path: string;
  /** What followed `?`, as written. */
  readonly query: string | undefined;
  readonly paramNames: readonly string[];
}

const PARAM = /\{([^{}]*)\}/g;
const PARAM_NAME = /^[A-Za-z_]\w*$/;

/** @throws TypeError when the text is no path below Graph's version root, or its braces make no sense */
export function parseResourceTemplate(text: string): ResourceTemplate {
  const [path = "", ...query] = text.replace(/^\//, "").split("?");
  if (path === "" || /[\s\p{Cc}]/u.test(path) || path.includes("://") || /^(?:v1\.0|beta)\//i.test(path)) {
    throw new TypeError(
      `Expected a resource path below Graph's version root, such as \`users\` or \`users/{userId}/messages\`, got \`${text}\``,
    );
  }
  const paramNames = [...path.matchAll(PARAM)].map(([, name = ""]) => name);
  const bad = paramNames.find((name, index) => !PARAM_NAME.test(name) || paramNames.indexOf(name) !== index);
  if (bad !== undefined || /[{}]/.test(path.replace(PARAM, ""))) {
    throw new TypeError(`Expected \`{name}\` once for each parameter of the path, got \`${text}\``);
  }
  if (/[{}]/.test(query.join("?"))) {
    throw new TypeError(`Expected parameters in the path only, not in the query, got \`${text}\``);
  }
  return { path, query: query.length === 0 ? undefined : query.join("?"), paramNames };
}

/**
 * Puts values into a template's path.
 *
 * @throws TypeError for a missing or unknown parameter, or a value that would change the path's shape
 */
export function expandTemplate(template: ResourceTemplate, params: Params): string {
  const unknown = Object.keys(params).find((name) => !template.paramNames.includes(name));
  if (unknown !== undefined) {
    const known = template.paramNames.join(", ") || "none";
    throw new TypeError(
      `Expected only the parameters of \`${template.path}\` (${known}), got \`${unknown}\``,
    );
  }
  return template.path.replace(PARAM, (_, name: string) => {
    const value = params[name];
    if (typeof value !== "string" || /^\.{0,2}$/.test(value) || /[/?#{}\p{Cc}]/u.test(value)) {
      throw new TypeError(
        `Expected \`${name}\` of \`${template.path}\` to be an id without / ? # { }, got \`${value}\``,
      );
    }
    // Inside `('…')` a quote is written twice; elsewhere Graph takes it as it is.
    return template.path.includes(`'{${name}}'`) ? value.replaceAll("'", "''") : value;
  });
}

/** OData options of a subscription's resource. */
export interface ResourceQuery {
  readonly filter?: string | undefined;
  readonly select?: readonly string[] | undefined;
}

/**
 * The query of a subscription: what the template had, then `$filter`, then `$select` in alphabetical order, so that
 * two declarations that ask for the same thing share one subscription. Empty when there is none.
 *
 * @throws TypeError for what is no text or no list of names
 */
export function resourceQuery(template: ResourceTemplate, { filter, select }: ResourceQuery): string {
  if (filter !== undefined && typeof filter !== "string") {
    throw new TypeError(`Expected \`filter\` to be like \`isRead eq false\`, got \`${typeof filter}\``);
  }
  const isList = Array.isArray(select) && select.every((name) => typeof name === "string");
  if (select !== undefined && !isList) {
    throw new TypeError(
      `Expected \`select\` to be a list of names, such as \`["subject"]\`, got \`${typeof select}\``,
    );
  }
  const parts = [
    template.query,
    filter === undefined ? undefined : `$filter=${filter.replace(/[%&#+]/g, encodeURIComponent)}`,
    select === undefined || select.length === 0 ? undefined : `$select=${select.toSorted().join(",")}`,
  ].filter((part) => part !== undefined && part !== "");
  return parts.join("&");
}
