/**
 * Loop kernels as C: cases of loops.test.ts and loops-random.test.ts, compiled in bulk and compared bit for bit.
 * C_LOOPS=. runs all with both compilers, at every vector width, under sanitizers and on arm64 (or those whose name it
 * matches).
 */

import { describe, expect, test, vi } from "vitest";
import { Cases } from "./c-harness.ts";
import { here, machines, SANITIZE } from "./c-machines.ts";

const cases = vi.hoisted(() => ({ add: undefined as unknown as Cases["add"] }));
vi.mock(import("./loop-harness.ts"), async (original) => ({
  ...(await original()),
  checkLoops: (...args) => cases.add(...args),
}));
const collected = new Cases();
cases.add = (...args) => collected.add(...args);

describe("what follows is collected", async () => {
  await import("./loops.test.ts");
  await import("./loops-random.test.ts");
});

const wanted = process.env["C_LOOPS"];

describe.skipIf(here.length === 0)("C", () => {
  test("as many kernels as there are in both files", () => {
    expect(collected.all.length).toBeGreaterThan(500);
  });

  if (wanted === undefined) {
    test("some of them on this machine", () => collected.check(here[0], ["-O1"], 7), 240_000);
    return;
  }
  for (const machine of machines) {
    for (const [how, flags] of Object.entries({ optimized: ["-O2"], sanitized: SANITIZE })) {
      const name = `${machine.command}, ${machine.name}, ${how}`;
      // Sanitizers see no masked instructions, and take minutes to compile long loops over lanes.
      const unfit = how === "sanitized" && (machine.emulator !== undefined || machine.target.vectorBytes > 16);
      const skipped = !new RegExp(wanted).test(name) || unfit;
      const every = how === "sanitized" ? 3 : 1;
      test.skipIf(skipped)(name, () => collected.check(machine, flags, every), 1_200_000);
    }
  }
});
