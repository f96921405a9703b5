import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Language, Parser, type Node } from "web-tree-sitter";

const { resolve } = createRequire(import.meta.url);

/** The syntax of a Bicep file. @throws Error with the line where it is none */
export async function parseBicep(text: string): Promise<Node> {
  await Parser.init();
  const grammar = join(dirname(resolve("tree-sitter-bicep/package.json")), "tree-sitter-bicep.wasm");
  const root = new Parser().setLanguage(await Language.load(grammar)).parse(text)?.rootNode;
  if (root === undefined) throw new Error("it was not parsed");
  const [fault] = root.descendantsOfType("ERROR");
  if (fault !== undefined && fault !== null) {
    throw new Error(`line ${fault.startPosition.row + 1}: ${fault.text.slice(0, 60)}`);
  }
  if (root.hasError) throw new Error("something is missing in it");
  return root;
}

/** The texts of all nodes of a kind. */
export function textsOf(root: Node, kind: string): string[] {
  return root.descendantsOfType(kind).flatMap((node) => (node === null ? [] : [node.text]));
}
