import { defineConfig } from "vitest/config";

// Tests run the sources, not the build: the condition picks `src` in each package's `exports`.
const conditions = ["@tidings/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "benchmarks/src/**/*.test.ts",
      "deploy/test/**/*.test.ts",
    ],
    typecheck: {
      tsconfig: "packages/tidings/tsconfig.json",
      include: ["packages/*/{src,test}/**/*.test-d.ts"],
    },
    restoreMocks: true,
    testTimeout: 20_000,
    coverage: {
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test-d.ts"],
    },
  },
});
