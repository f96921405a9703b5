import { expect, it } from "vitest";
import { CATALOGUE } from "../src/core/catalogue/catalogue.ts";
import { resourcesPage } from "./support/resources-page.ts";

it("docs/resources.md says what the catalogue has; `npm run docs:resources` writes it anew", async () => {
  await expect(resourcesPage()).toMatchFileSnapshot("../../../docs/resources.md");
});

it("the page has every path and every page it comes from", () => {
  const page = resourcesPage();
  for (const { paths, sources } of CATALOGUE) {
    for (const path of paths) expect(page).toContain(`\`${path}\``);
    expect(page).toContain(`](${sources[0]})`);
  }
});
