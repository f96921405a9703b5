import type { HostSettings } from "../app/options.ts";
import type { Tidings } from "../app/tidings.ts";
import type { Listening, ListenOptions } from "../host/node/listen.ts";
import { CliError } from "./errors.ts";

/** @throws CliError when the port is taken or not ours to take */
export async function listenOn(
  tidings: Tidings,
  {
    port,
    hostname,
    ...host
  }: ListenOptions & Pick<HostSettings, "publicUrl" | "urlKey"> & { readonly port: number },
): Promise<Listening> {
  try {
    return await tidings.listen({ port, hostname }, host);
  } catch (cause) {
    throw portError(cause, port, "Set PORT or --port to another, or end what listens there.");
  }
}

/** @returns what to throw: a CliError when the port is taken or not ours to take */
export function portError(cause: unknown, port: number, hint: string): unknown {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code !== "EADDRINUSE" && code !== "EACCES") return cause;
  const what = code === "EACCES" ? "may not be taken by this user" : "is in use";
  return new CliError(`port ${port} ${what}`, hint, { cause });
}
