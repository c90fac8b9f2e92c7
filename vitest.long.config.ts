import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/**/*.long.test.ts"],
    globalSetup: "test/setup.ts",
    testTimeout: 3_600_000,
    fileParallelism: false,
  },
});
