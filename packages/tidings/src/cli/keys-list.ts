import type { CertificateState, SecretState } from "../admin/admin-app.ts";
import type { AdminClient } from "./admin-client.ts";
import { count, print } from "./print.ts";
import { formatDistance } from "./relative-time.ts";
import { formatTable } from "./table.ts";

/** Shows a service's keys, and how many subscriptions refer to each. */
export async function listKeys(
  service: AdminClient,
  { isJson, now }: { readonly isJson: boolean; readonly now: number },
): Promise<void> {
  const answer = await service.keys();
  await print(answer, isJson, () => {
    const { certificates, secrets, unknownSubscriptions } = answer;
    const parts = [
      certificates.length === 0 ? "no certificates" : certificateTable(certificates, now),
      secretTable(secrets, now),
    ];
    if (unknownSubscriptions > 0)
      parts.push(
        `${count(unknownSubscriptions, "subscription")} may refer to any: no key may go until that is known.`,
      );
    return parts.join("\n\n");
  });
}

function certificateTable(certificates: readonly CertificateState[], now: number): string {
  return formatTable(
    ["CERTIFICATE", "ROLE", "ENDS", "SUBSCRIPTIONS", "NOTE"],
    certificates.map((certificate) => [
      certificate.id,
      certificate.role,
      formatDistance(certificate.notAfter, now),
      String(certificate.subscriptions),
      certificate.role === "missing"
        ? "the app does not have it; its subscriptions are given another"
        : noteOf(certificate, now),
    ]),
  );
}

function secretTable(secrets: readonly SecretState[], now: number): string {
  return formatTable(
    ["SECRET", "ROLE", "FROM", "SUBSCRIPTIONS", "NOTE"],
    secrets.map((secret) => [
      secret.keyId,
      secret.role,
      secret.source ?? "",
      String(secret.subscriptions),
      secret.isRetired ? "retired: its subscriptions are replaced" : noteOf(secret, now),
    ]),
  );
}

function noteOf(
  { unusedSince, isRemovable }: Pick<SecretState, "unusedSince" | "isRemovable">,
  now: number,
): string {
  if (unusedSince === undefined) return "";
  const since = `not referred to since ${formatDistance(unusedSince, now)}`;
  return isRemovable ? `${since}: may be removed` : `${since}: may be removed 4 h after that`;
}
