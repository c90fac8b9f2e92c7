import { availableParallelism, loadavg } from "node:os";
import { expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { missing } from "./device.ts";
import { trainingStep } from "./lstm.ts";

test.skipIf(missing)(
  "an LSTM of 512 steps is traced, compiled and run within two seconds, as soon as one of 64",
  () => {
    setDevice("native");
    // The number of units makes each program a new one to the cache; the first compiles what all share.
    const secondsOf = (units: number, steps: number): number => {
      const begin = performance.now();
      trainingStep(units, steps);
      return (performance.now() - begin) / 1000;
    };
    secondsOf(100, 64);
    const best = (steps: number, ...units: number[]) => Math.min(...units.map((n) => secondsOf(n, steps)));
    const [short, long] = [best(64, 104, 112, 120), best(512, 108, 116, 124)];
    console.log(`64 steps: ${short.toFixed(2)} s; 512 steps: ${long.toFixed(2)} s`);
    // A core that others use as well is as much slower.
    const crowd = Math.max(1, (2 * loadavg()[0]) / availableParallelism());
    expect(long).toBeLessThan(2 * crowd);
    expect(long).toBeLessThan(1.5 * short + 0.3 * crowd);
  },
);
