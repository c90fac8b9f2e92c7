import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks", // addons and wasm threads outlive a worker_threads pool badly
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    globalSetup: "test/setup.ts",
    testTimeout: 60_000,
  },
});
