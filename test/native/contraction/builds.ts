/** The contraction template, compiled for machines and checked by the harness. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const units = ["", "-plain", "-table", "-runs"].map((part) => join(root, `native/contraction${part}.c`));
const sources = [join(root, "test/native/contraction/harness.c"), ...units];
const strict = ["-Wall", "-Wextra", "-Werror"];

const works = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const cpu = process.platform === "linux" ? readFileSync("/proc/cpuinfo", "utf8") : "";
const x64 = process.arch === "x64";
const avx2 = ["-mavx2", "-mfma"];
const avx512 = [...avx2, "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw"];

export interface Build {
  readonly name: string;
  readonly cc: string;
  readonly flags: readonly string[];
  readonly cases: number;
  readonly run?: string;
  readonly able: boolean;
}

const cc = (name: string) => works(name, "--version");
export const builds: readonly Build[] = [
  // the first that is able is the widest here
  { name: "AVX-512", cc: "gcc", flags: avx512, cases: 200, able: x64 && cpu.includes("avx512bw") && cc("gcc") },
  { name: "AVX2", cc: "gcc", flags: avx2, cases: 200, able: x64 && cpu.includes("avx2") && cc("gcc") },
  { name: "AVX2, clang", cc: "clang", flags: avx2, cases: 100, able: x64 && cpu.includes("avx2") && cc("clang") },
  // less optimised, since instrumented kernels take long to compile; expensive optimisations are those that fuse
  {
    name: "AVX2, sanitizers",
    cc: "gcc",
    flags: [...avx2, "-O1", "-fexpensive-optimizations", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    cases: 80,
    able: x64 && cpu.includes("avx2") && cc("gcc"),
  },
  { name: "NEON", cc: "cc", flags: [], cases: 400, able: process.arch === "arm64" && cc("cc") },
  {
    name: "NEON under qemu",
    cc: "aarch64-linux-gnu-gcc",
    flags: ["-static"],
    cases: 12,
    run: "qemu-aarch64",
    able: x64 && cc("aarch64-linux-gnu-gcc") && works("qemu-aarch64", "--version"),
  },
];

/** Random matmuls and convolutions with their gradients, any strides, on 1 to 8 threads, against a triple loop of fmaf. */
export function checkBuilds(chosen: readonly Build[]): void {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chainrule-contraction-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe("the contraction template gives the bits of a plain loop", () => {
    for (const { name, cc, flags, cases, run, able } of chosen) {
      it.skipIf(!able)(name, () => {
        const harness = join(folder, name.replaceAll(/\W+/g, "-"));
        const compiled = [
          "-O2",
          "-ffp-contract=fast",
          ...strict,
          ...flags,
          ...sources,
          "-o",
          harness,
          "-lm",
          "-pthread",
        ];
        execFileSync(cc, compiled);
        const test = [harness, "test", "1", String(cases)];
        const { stdout } = spawnSync(run ?? test[0], run ? test : test.slice(1), { encoding: "utf8" });
        expect(stdout).toBe(`passed: ${cases} cases\n`);
      });
    }
  });
}
