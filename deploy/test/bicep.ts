import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Language, Parser, type Node } from "web-tree-sitter";
import { UNKNOWN } from "./vendor-types.ts";

const require = createRequire(import.meta.url);

/** A resource that a Bicep file declares. */
export interface BicepResource {
  /** Such as Microsoft.App/jobs. */
  readonly type: string;
  /** Its properties as an expression of TypeScript; undefined for a resource that is there already. */
  readonly properties: string | undefined;
}

/** As much of a Bicep file as can be said without Azure. */
export class BicepFile {
  readonly #root: Node;
  /** By name, what variables are made of. */
  readonly #variables: ReadonlyMap<string, Node>;

  private constructor(root: Node) {
    this.#root = root;
    this.#variables = new Map(
      root.descendantsOfType("variable_declaration").flatMap((node) => {
        const [name, value] = node?.namedChildren ?? [];
        return name && value ? [[name.text, value] as const] : [];
      }),
    );
  }

  /** @throws Error with the line of what is no Bicep */
  static async parse(text: string): Promise<BicepFile> {
    await Parser.init();
    const grammar = join(
      dirname(require.resolve("tree-sitter-bicep/package.json")),
      "tree-sitter-bicep.wasm",
    );
    const root = new Parser().setLanguage(await Language.load(grammar)).parse(text)?.rootNode;
    if (root === undefined) throw new Error("it was not parsed");
    const [fault] = root.descendantsOfType("ERROR");
    if (fault) throw new Error(`line ${fault.startPosition.row + 1}: ${fault.text.slice(0, 60)}`);
    if (root.hasError) throw new Error("something is missing in it");
    return new BicepFile(root);
  }

  /** Every name in it, as often as it is used. */
  get names(): string[] {
    return this.#root.descendantsOfType("identifier").flatMap((node) => node?.text ?? []);
  }

  get resources(): BicepResource[] {
    return this.#root.descendantsOfType("resource_declaration").flatMap((node) => {
      const [, type, body] = node?.namedChildren ?? [];
      if (!type || !body) return [];
      const properties = body.namedChildren.find((each) => each?.firstNamedChild?.text === "properties");
      const value = properties?.lastNamedChild;
      return [
        {
          type: type.text.slice(1).split("@")[0] ?? "",
          properties: value ? this.#expression(value) : undefined,
        },
      ];
    });
  }

  #expression(node: Node): string {
    const parts = node.namedChildren.filter((part) => part !== null && part.type !== "comment");
    switch (node.type) {
      case "object":
        return `{ ${parts.map((part) => part && this.#property(part)).join(", ")} }`;
      case "array":
        return `[${parts.map((part) => part && this.#expression(part)).join(", ")}]`;
      case "number":
      case "boolean":
        return node.text;
      case "string":
        return parts.some((part) => part?.type === "interpolation")
          ? "String()"
          : JSON.stringify(node.text.slice(1, -1));
      case "identifier": {
        const value = this.#variables.get(node.text);
        return value === undefined ? UNKNOWN : this.#expression(value);
      }
      default:
        return UNKNOWN;
    }
  }

  #property(node: Node): string {
    const [key, value] = node.namedChildren;
    if (!key || !value) throw new Error(`line ${node.startPosition.row + 1} has no value`);
    const name = key.type === "identifier" ? JSON.stringify(key.text) : `[${this.#expression(key)}]`;
    return `${name}: ${this.#expression(value)}`;
  }
}
