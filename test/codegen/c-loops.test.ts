/**
 * Loop kernels as C: cases of loops.test.ts and loops-random.test.ts, compiled in bulk and compared bit for bit.
 * C_LOOPS=. runs all with both compilers, at every vector width, under sanitizers and on arm64 (or those whose name it
 * matches).
 */

import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { Cases, type Machine, TARGETS } from "./c-harness.ts";

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

const has = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;
const here = process.arch === "arm64" ? (["neon"] as const) : (["avx512", "avx2", "sse"] as const);
const features = spawnSync("cat", ["/proc/cpuinfo"], { encoding: "utf8" }).stdout ?? "";
const runs = (machine: Machine): boolean =>
  machine.target.flags.every((flag) => features.includes(flag.slice(2).replace(".", "_")));
const native = here
  .map((name): Machine => ({ name, command: "cc", target: TARGETS[name] }))
  .filter((machine) => has(machine.command) && (machine.target.arch === "arm64" || runs(machine)));
const SANITIZE = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

const machines = ["gcc", "clang"].filter(has).flatMap((command) => native.map((machine) => ({ ...machine, command })));
if (has("aarch64-linux-gnu-gcc") && has("qemu-aarch64"))
  machines.push({ name: "neon", command: "aarch64-linux-gnu-gcc", target: TARGETS.neon, emulator: "qemu-aarch64" });
const wanted = process.env["C_LOOPS"];

describe.skipIf(native.length === 0)("C", () => {
  test("as many kernels as there are in both files", () => {
    expect(collected.all.length).toBeGreaterThan(500);
  });

  if (wanted === undefined) {
    test("some of them on this machine", () => collected.check(native[0], ["-O1"], 7), 240_000);
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
