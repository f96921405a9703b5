import { assertToken } from "../admin/guard.ts";
import type { HostSettings } from "../app/options.ts";
import { sqlite } from "../store/sqlite/sqlite.ts";
import { certificatesAt, locateCertificates } from "./certificate-folder.ts";
import { CliError } from "./errors.ts";

/**
 * The one place that reads the environment: what of it settles how an app is hosted.
 *
 * @throws CliError when TIDINGS_CERTIFICATES names what is not there
 */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv): HostSettings {
  const { TIDINGS_PUBLIC_URL, TIDINGS_TENANT_ID, TIDINGS_SECRET, TIDINGS_URL_KEY } = environment;
  const certificates = certificatesValueFrom(environment);
  const storePath = storePathFrom(environment);
  return {
    publicUrl: given(TIDINGS_PUBLIC_URL),
    tenantId: given(TIDINGS_TENANT_ID),
    store: storePath === undefined ? undefined : sqlite(storePath),
    secret: listOf(given(TIDINGS_SECRET)),
    urlKey: listOf(given(TIDINGS_URL_KEY)),
    certificates: certificates === undefined ? undefined : certificatesAt(locateCertificates(certificates)),
    // Node's own goes through the proxy, which connects in our place, so it alone can look at addresses.
    fetch: given(environment["NODE_USE_ENV_PROXY"]) === "1" ? fetch : undefined,
  };
}

export function certificatesValueFrom({ TIDINGS_CERTIFICATES }: NodeJS.ProcessEnv): string | undefined {
  return given(TIDINGS_CERTIFICATES);
}

export function storePathFrom({ TIDINGS_STORE }: NodeJS.ProcessEnv): string | undefined {
  return given(TIDINGS_STORE);
}

/** @param flag what `--port` said; it wins over `PORT`. @throws CliError when it is no port */
export function portFrom(flag: string | undefined, environment: NodeJS.ProcessEnv): number {
  return parsePort(flag ?? given(environment["PORT"]) ?? "3000", "Set PORT or --port, such as --port 3000.");
}

/** @param flag what `--admin-port` said. @returns 0 for any free port @throws CliError when it is no port */
export function adminPortFrom(flag: string | undefined, environment: NodeJS.ProcessEnv): number {
  return parsePort(
    flag ?? given(environment["TIDINGS_ADMIN_PORT"]) ?? "0",
    "Set TIDINGS_ADMIN_PORT or --admin-port, such as --admin-port 3001.",
  );
}

/** @throws CliError when it is too short, or cannot stand in a header */
export function adminTokenFrom(environment: NodeJS.ProcessEnv): string | undefined {
  const token = given(environment["TIDINGS_ADMIN_TOKEN"]);
  if (token === undefined) return undefined;
  try {
    assertToken(token);
    return token;
  } catch (cause) {
    throw new CliError(
      `TIDINGS_ADMIN_TOKEN is no good: ${cause instanceof Error ? cause.message : ""}`,
      "Make one with `openssl rand -hex 32`, or leave it out: `tidings serve` then makes its own.",
      { cause },
    );
  }
}

function parsePort(text: string, hint: string): number {
  // What `Number` makes of nothing is 0, which would be any free port.
  if (/^\d+$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new CliError(`expected a port from 0 to 65535, got ${text === "" ? "an empty text" : text}`, hint);
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(",").map((part) => part.trim());
}

/** An empty variable is one that is not set. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
