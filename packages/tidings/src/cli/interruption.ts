/** Resolves at the first SIGINT or SIGTERM from now on; a second one ends the process at once. */
export async function interruption(): Promise<void> {
  await new Promise<void>((resolve) => {
    let count = 0;
    const onSignal = (): void => {
      count += 1;
      if (count > 1) process.exit(INTERRUPTED);
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;
