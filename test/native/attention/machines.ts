/** Attention's kernels, compiled for machines and checked by the harness. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { arm64, FLAGS, type Machine, run, runOn, SANITIZE, WARNINGS } from "../../codegen/c-machines.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The kernels as the kernel library is compiled, the plain loops with nothing fused but what says so. */
async function check(folder: string, machine: Machine, more: readonly string[], cases: number): Promise<void> {
  const { command, name, target } = machine;
  const at = (end: string): string => join(folder, `${command}-${name}-${more.length}${end}`);
  const flags = ["-O2", "-std=gnu11", ...FLAGS, ...WARNINGS, ...target.flags, ...more];
  await run(command, [...flags, "-ffp-contract=fast", "-c", join(root, "native/attention.c"), "-o", at(".kernels.o")]);
  await run(command, [...flags, "-c", join(root, "test/native/attention/harness.c"), "-o", at(".harness.o")]);
  await run(command, [...more, at(".kernels.o"), at(".harness.o"), "-o", at(""), "-lm", "-pthread"]);
  await runOn(machine, at(""), "test", "1", String(cases));
}

/** Random sizes, strides and masks, forward and backward, on 1 to 4 threads. */
export function checkMachines(chosen: readonly Machine[], sanitized: readonly Machine[]): void {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chainrule-attention-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe("attention gives the bits of plain loops", () => {
    for (const machine of chosen) {
      const cases = machine === arm64 ? 10 : 200;
      it(`${machine.command}, ${machine.name}`, () => check(folder, machine, [], cases), 60_000);
    }
    // Expensive optimisations are those that fuse.
    const instrumented = [...SANITIZE, "-fexpensive-optimizations"];
    for (const machine of sanitized)
      it(
        `${machine.command}, ${machine.name}, under sanitizers`,
        () => check(folder, machine, instrumented, 60),
        60_000,
      );
  });
}
