import { expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { lower } from "../../src/lower/lower.ts";
import { showProgram } from "../../src/lower/print.ts";
import { trainingStep } from "../native/lstm.ts";

test("a recurrent network's program is as long for 512 steps as for 64", () => {
  setDevice("wasm");
  const [short, long] = [64, 512].map((steps) => {
    const program = lower(trainingStep(4, steps).traced, { fuse: true, epilogues: true });
    return { kernels: program.kernels.length, lines: showProgram(program).split("\n").length };
  });
  // The sums over all times are longer, and are cut into parts: two kernels more for a few of them, once.
  expect(long.kernels - short.kernels).toBeLessThan(8);
  expect(long.lines).toBeLessThan(1.1 * short.lines);
});
