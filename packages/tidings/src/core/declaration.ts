import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";
import { resourceKindOf } from "./resource-kinds.ts";
import {
  parseResourceTemplate,
  resourceQuery,
  type ResourceQuery,
  type ResourceTemplate,
} from "./resource-template.ts";

/** What a user may say of a declaration beyond its resource. */
export interface DeclarationOptions extends ResourceQuery {
  /**
   * Durable identity: what waits in the inbox is handed to the declaration of this name after a restart.
   * No white space. A second declaration on one resource needs one.
   * @default the resource, without white space or a leading slash
   */
  readonly name?: string | undefined;
  /**
   * Which changes to be told of.
   * @default every change Graph tells of this kind of resource
   */
  readonly changeType?: ChangeType | readonly ChangeType[] | undefined;
}

/** A declaration with every default resolved; plain data. */
export interface DeclarationSpec {
  readonly name: string;
  readonly template: ResourceTemplate;
  readonly query: string;
  readonly changeTypes: readonly ChangeType[];
}

/** @throws TypeError when the resource or an option makes no sense, with the value shown */
export function resolveDeclaration(resource: string, options: DeclarationOptions = {}): DeclarationSpec {
  const template = parseResourceTemplate(resource);
  const name = options.name ?? resource.replace(/^\//, "").replaceAll(/\s/g, "");
  if (name === "" || /[\s\p{Cc}]/u.test(name)) {
    throw new TypeError(`Expected \`name\` to be a word without white space, got \`${name}\``);
  }
  return {
    name,
    template,
    query: resourceQuery(template, options),
    changeTypes: resolveChangeTypes(resource, template, options.changeType),
  };
}

function resolveChangeTypes(
  resource: string,
  template: ResourceTemplate,
  asked: DeclarationOptions["changeType"],
): readonly ChangeType[] {
  const kind = resourceKindOf(template.path);
  const wanted: readonly string[] = asked === undefined ? kind.changeTypes : [asked].flat();
  const unknown = wanted.find((type) => !CHANGE_TYPES.some((known) => known === type));
  if (unknown !== undefined || wanted.length === 0) {
    throw new TypeError(
      `Expected \`changeType\` to be of ${CHANGE_TYPES.join(", ")}, got \`${unknown ?? "[]"}\``,
    );
  }
  const never = wanted.find((type) => !kind.changeTypes.some((told) => told === type));
  if (never !== undefined) {
    throw new TypeError(
      `Expected \`changeType\` of \`${resource}\` to be of ${kind.changeTypes.join(", ")}, got \`${never}\`: ${
        kind.changeTypes.join() === "updated,deleted" && never === "created"
          ? "Graph tells of a new one as `updated`"
          : "Graph never tells of it"
      }`,
    );
  }
  return CHANGE_TYPES.filter((type) => wanted.includes(type));
}

/** A resource without parameters subscribes by itself; one with them waits for `subscribe()`. */
export function subscribesByItself(spec: DeclarationSpec): boolean {
  return spec.template.paramNames.length === 0;
}
