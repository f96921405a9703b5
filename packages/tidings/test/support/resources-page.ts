import { allowsOnlyOne, CATALOGUE } from "../../src/core/catalogue/catalogue.ts";
import type { CatalogueRow } from "../../src/core/catalogue/row.ts";

/** Writes `docs/resources.md` from the catalogue. */
export function resourcesPage(): string {
  return `# Resources

What Microsoft documents of every resource that can be subscribed to, as Tidings knows it. \`tidings.on()\` refuses at once what Graph would refuse, and says which page says so; what is [not certain](#not-certain) is logged once when the app starts; a resource that is not here is let through, and asked for in lives of an hour at most.

This page is written from the catalogue in \`packages/tidings/src/core/catalogue/\`. After a change there, write it anew with \`npm run docs:resources\`; a test compares the two.

## How to read it

- **Path**: below Graph's version root, each id as \`{name}\`. \`/users\`, \`users('{userId}')\` and names in another case are the same to Graph and to Tidings, and \`me\` stands for \`users/{userId}\` when the credential signs in a user.
- **Changes**: what Graph tells of. A declaration without \`changeType\` gets all of them; those with a question mark only if it asks for them.
- **Life**: the longest Graph grants, in minutes; after the stroke, that of a subscription with resource data. Tidings asks for a little less, or for \`lifetimeMs\` of the declaration.
- **Permissions**: any one of **Delegated** when a user is signed in, of **Application** when the app acts for itself; the least privileged is first. \`*\` is resource-specific consent, ✗ is not offered, and ? is in no page.
- **At most**: subscriptions at a time; a target is what the path names. Where it is one, another cannot be made before the one it replaces is gone: no overlap.
- **Missed changes**: what finds what was not told of.

\`baseTask\`, which Microsoft's table of lives still has, is gone from Graph: \`todoTask\` took its place.

## Catalogue

| What changes | Path | Changes | Life | Delegated | Application | At most | Missed changes | Source |
|---|---|---|---|---|---|---|---|---|
${CATALOGUE.map((row) => catalogueLine(row)).join("\n")}

## Queries

What a declaration's \`select\`, \`filter\` and query may be. Paths that are not here take none that is documented.

| Path | Documented | Refused |
|---|---|---|
${CATALOGUE.flatMap((row) => queryLine(row)).join("\n")}

## Not certain

What no page says, or two pages say differently.

| Path | |
|---|---|
${CATALOGUE.flatMap((row) => doubtLine(row)).join("\n")}
`;
}

function catalogueLine(row: CatalogueRow): string {
  const { application } = row.permissions;
  return line([
    row.name,
    pathsOf(row),
    [...row.changeTypes, ...(row.unsureChangeTypes ?? []).map((type) => `${type}?`)].join(", "),
    lifeOf(row),
    delegatedOf(row),
    permissionsOf(application),
    quotasOf(row),
    catchUpOf(row),
    `[page](${row.sources[0]})`,
  ]);
}

function queryLine(row: CatalogueRow): string[] {
  const { documented, refused = [], refusedSelect = [], allowedExpand, ...rest } = row.query;
  if (documented.length === 0) return [];
  const limits = [
    ...refused.map((name) => `\`${name}\``),
    ...refusedSelect.map((name) => `\`$select=${name}\``),
    ...(allowedExpand === undefined ? [] : [`\`$expand\` of anything but ${allowedExpand.join(" and ")}`]),
    ...(rest.maxFilterIds === undefined ? [] : [`more than ${rest.maxFilterIds} ids in \`$filter\``]),
    ...(rest.isFilterTopLevelOnly === true ? ["properties of properties in `$filter`"] : []),
  ];
  return [line([pathsOf(row), documented.map((name) => `\`${name}\``).join(", "), limits.join(", ")])];
}

function doubtLine(row: CatalogueRow): string[] {
  const { doubts = [] } = row;
  return doubts.length === 0 ? [] : [line([pathsOf(row), `${doubts.join(". ")}.`])];
}

function pathsOf({ paths, version, missingIn = [] }: CatalogueRow): string {
  const limits = [
    ...(version === "beta" ? ["beta only"] : []),
    ...(missingIn.length > 0 ? ["global cloud only"] : []),
  ];
  const where = limits.length === 0 ? "" : ` (${limits.join(", ")})`;
  return paths.map((path) => `\`${path}\``).join("<br>") + where;
}

function lifeOf({ maxLifetimeMinutes, resourceData }: CatalogueRow): string {
  const basic = maxLifetimeMinutes === undefined ? "?" : counted(maxLifetimeMinutes);
  switch (resourceData.kind) {
    case "none":
      return basic;
    case "undocumented":
      return `${basic} / ?`;
    case "required":
      return `✗ / ${counted(resourceData.maxLifetimeMinutes)}`;
    case "offered":
      return `${basic} / ${counted(resourceData.maxLifetimeMinutes)}${resourceData.select === "required" ? ", needs `select`" : ""}`;
  }
}

/** Those of personal accounts only where they are others. */
function delegatedOf({ permissions: { delegated, personal } }: CatalogueRow): string {
  const isSame = personal === undefined || personal.length === 0 || personal.join() === delegated?.join();
  return permissionsOf(delegated) + (isSame ? "" : `<br>personal account: ${permissionsOf(personal)}`);
}

function permissionsOf(permissions: readonly string[] | undefined): string {
  if (permissions === undefined) return "?";
  return permissions.length === 0 ? "✗" : permissions.map((name) => name.replace("*", "\\*")).join("<br>");
}

function quotasOf(row: CatalogueRow): string {
  if (row.quotas === undefined) return "?";
  const quotas = row.quotas.map(({ limit, per }) => `${counted(limit)} per ${per}`);
  return [...quotas, ...(allowsOnlyOne(row) ? ["no overlap"] : [])].join("<br>");
}

function catchUpOf({ catchUp }: CatalogueRow): string {
  const mark = catchUp.kind !== "none" && catchUp.isUnsure === true ? "?" : "";
  switch (catchUp.kind) {
    case "none":
      return "nothing: list and compare";
    case "delta":
      return catchUp.paths.map((path) => `\`${path}\`${mark}`).join("<br>");
    case "time window":
      return `\`${catchUp.path}\` by \`${catchUp.property}\`${mark}`;
  }
}

/** 10,070, the same whatever the machine's language. */
function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
