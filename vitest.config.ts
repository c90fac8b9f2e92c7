import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks", // addons and wasm threads outlive a worker_threads pool badly
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    maxWorkers: Math.max(2, availableParallelism() - 1), // two even on two cores: many tests wait for processes
    globalSetup: "test/setup.ts",
    testTimeout: 60_000,
  },
});
