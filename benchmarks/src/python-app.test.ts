import { expect, it, vi } from "vitest";
import { preparePython, PythonError } from "./python-app.ts";

it("says why there is no Python, so that its app can be skipped by name", async () => {
  vi.stubEnv("PATH", "/nowhere");
  const error = await preparePython().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PythonError);
  expect(error).toMatchObject({ message: expect.stringContaining("python3") });
  vi.unstubAllEnvs();
});
