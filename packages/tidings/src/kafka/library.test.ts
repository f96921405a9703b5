import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const SINK = new URL("../app/kafka-sink.ts", import.meta.url).href;

/** As if the package were not installed. */
const HIDE = `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "@platformatic/kafka") throw new Error("Cannot find package");
      return next(specifier, context);
    },
  });`;

const PROGRAM = `
  import { kafka } from ${JSON.stringify(SINK)};
  await kafka({ brokers: ["127.0.0.1:9"], topic: "users" }).probe().catch(({ message }) => console.log(message));`;

it("an app without the client library loads, and is told what to install when it needs it", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@tidings/source",
    `--import=data:text/javascript,${encodeURIComponent(HIDE)}`,
    "--input-type=module",
    "--eval",
    PROGRAM,
  ]);
  expect(stdout.trim()).toBe(
    "The package `@platformatic/kafka` is not there: run `npm install @platformatic/kafka`",
  );
});
