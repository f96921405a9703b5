import { judge, type Judgement } from "../core/catalogue/judge.ts";
import type { Cloud } from "../core/cloud.ts";
import type { DeclarationSpec } from "../core/declaration.ts";
import type { Logger } from "../core/ports/logger.ts";
import type { Settings } from "./options.ts";

/**
 * Judges the declarations once more, by what only the start knows.
 * @throws TypeError when this cloud or version of Graph would refuse one
 */
export function assertAccepted(specs: readonly DeclarationSpec[], cloud: Cloud): void {
  const [refusal] = specs.flatMap((spec) => judged(spec, cloud).refusals);
  if (refusal !== undefined) throw new TypeError(refusal);
}

/** @throws TypeError when resource data is declared, and there is no certificate for Graph to encrypt it for */
export function assertCertificates(
  specs: readonly DeclarationSpec[],
  { certificates }: Pick<Settings, "certificates">,
): void {
  const rich = specs.find(({ isRich }) => isRich);
  if (rich === undefined || certificates !== undefined) return;
  throw new TypeError(
    `Expected \`certificates\` for Graph to encrypt the resource data of \`${rich.name}\` for, got none: make one with \`npx tidings keys create\``,
  );
}

/** Tells of what is not certain about the declared resources, a line for each declaration. */
export function warnOfDoubts(
  specs: readonly DeclarationSpec[],
  { cloud, logger }: { readonly cloud: Cloud; readonly logger: Logger },
): void {
  for (const spec of specs) {
    const { doubts } = judged(spec, cloud);
    if (doubts.length > 0) {
      logger.warn("not certain of the declared resource", {
        declaration: spec.name,
        resource: spec.template.path,
        doubts: doubts.join("; "),
      });
    }
  }
}

function judged(
  { template, query, changeTypes, lifetimeMs, isRich }: DeclarationSpec,
  cloud: Cloud,
): Judgement {
  const { path } = template;
  return judge({ path, query, changeTypes, lifetimeMs, includeResourceData: isRich, cloud });
}
