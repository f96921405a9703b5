import type { HostSettings } from "../app/options.ts";
import { sqlite } from "../store/sqlite/sqlite.ts";
import { CliError } from "./errors.ts";

/** The one place that reads the environment: what of it settles how an app is hosted. */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv): HostSettings {
  const { TIDINGS_PUBLIC_URL, TIDINGS_STORE, TIDINGS_SECRET, TIDINGS_TENANT_ID } = environment;
  return {
    publicUrl: given(TIDINGS_PUBLIC_URL),
    tenantId: given(TIDINGS_TENANT_ID),
    store: given(TIDINGS_STORE) === undefined ? undefined : sqlite(TIDINGS_STORE),
    secret: given(TIDINGS_SECRET)
      ?.split(",")
      .map((secret) => secret.trim()),
  };
}

/** @param flag what `--port` said; it wins over `PORT`. @throws CliError when it is no port */
export function portFrom(flag: string | undefined, environment: NodeJS.ProcessEnv): number {
  const text = flag ?? given(environment["PORT"]) ?? "3000";
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new CliError(
    `expected a port from 0 to 65535, got ${text}`,
    "Set PORT or --port, such as --port 3000.",
  );
}

/** An empty variable is one that is not set. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
