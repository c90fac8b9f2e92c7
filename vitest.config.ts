import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// The long ones first, or some worker ends long after the others. (Vitest knows durations from the second run on only.)
const LONG = [
  "golden/golden",
  "training/bits",
  "optim/every",
  "cli/train",
  "training/soak",
  "opinfo/opinfo",
  "lower/random",
  "contraction/contraction",
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONG.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    pool: "forks", // addons and wasm threads outlive a worker_threads pool badly
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    maxWorkers: Math.max(2, availableParallelism() - 1), // two even on two cores: many tests wait for processes
    globalSetup: "test/setup.ts",
    testTimeout: 60_000,
    sequence: { sequencer: LongFirst },
  },
});
