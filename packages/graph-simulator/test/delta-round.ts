import { isJsonObject, type JsonObject } from "../src/http/json.ts";
import { objects, text, type Answered, type World } from "./world.ts";

/** A round of change tracking, followed to its end. */
export interface Round {
  /** The items of all pages. */
  readonly items: readonly JsonObject[];
  /** How many items each page had. */
  readonly pages: readonly number[];
  readonly deltaLink: string;
}

/** Follows a delta function, or a delta link, page by page until there is a delta link. */
export async function followRound(
  world: World,
  start: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Round> {
  const items: JsonObject[] = [];
  const pages: number[] = [];
  let link = start;
  for (;;) {
    const answer = await world.graph("GET", link, undefined, headers);
    if (answer.status !== 200)
      throw new Error(`Expected a page, got ${answer.status} ${JSON.stringify(answer.body)}`);
    const page = objects(answer.body, "value");
    items.push(...page);
    pages.push(page.length);
    if (answer.body["@odata.nextLink"] === undefined) {
      return { items, pages, deltaLink: text(answer.body, "@odata.deltaLink") };
    }
    if (answer.body["@odata.deltaLink"] !== undefined) throw new Error("Expected one link, got both");
    link = text(answer.body, "@odata.nextLink");
  }
}

/** Items in short: `name`, or `-id` for one that is gone. */
export function told(items: readonly JsonObject[], name: string): readonly string[] {
  return items.map((item) => {
    const removed = item["@removed"];
    if (isJsonObject(removed)) return `- ${text(removed, "reason")}`;
    return item["deleted"] === undefined ? text(item, name) : "- facet";
  });
}

/** The id of what was created. */
export async function idOf(created: Promise<Answered>): Promise<string> {
  const { status, body } = await created;
  if (status !== 201) throw new Error(`Expected 201, got ${status} ${JSON.stringify(body)}`);
  return text(body, "id");
}
