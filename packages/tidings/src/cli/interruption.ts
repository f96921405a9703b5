/**
 * Resolves at the first SIGINT or SIGTERM; a second one ends the process at once.
 *
 * @param signal ends the listening
 */
export async function interruption(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    let count = 0;
    const onSignal = (): void => {
      count += 1;
      if (count > 1) process.exit(130);
      resolve();
    };
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, onSignal);
      signal.addEventListener("abort", () => process.off(name, onSignal));
    }
    signal.addEventListener("abort", () => resolve());
  });
}
