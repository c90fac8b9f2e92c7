/** Compilers that are installed here, and the machines that they compile for: this one at several widths, and an emulated arm64. */

import { spawn, spawnSync } from "node:child_process";
import type { Target } from "../../src/codegen/c/target.ts";

export interface Machine {
  readonly name: string;
  readonly command: string;
  readonly target: Target;
  /** what runs its programs, if they do not run here */
  readonly emulator?: string;
}

const target = (arch: Target["arch"], vectorBytes: Target["vectorBytes"], features: string): Target => ({
  arch,
  vectorBytes,
  registers: vectorBytes === 64 || arch === "arm64" ? 32 : 16,
  fma: vectorBytes > 16 || arch === "arm64",
  l1: 2 ** 15,
  l2: 2 ** 20,
  l3: 2 ** 23,
  flags: features === "" ? [] : features.split(" ").map((feature) => `-m${feature}`),
});

export const TARGETS = {
  avx512: target("x64", 64, "avx512f avx512dq avx512bw avx512vl avx512cd avx2 fma f16c"),
  avx2: target("x64", 32, "avx2 fma f16c"),
  sse: target("x64", 16, "sse4.2"),
  sse2: target("x64", 16, ""),
  neon: target("arm64", 16, ""),
} as const satisfies Record<string, Target>;

/** For code in which every operation rounds as it is written. */
export const FLAGS: readonly string[] = [
  "-fwrapv",
  "-fno-strict-aliasing",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-ffp-contract=off",
];
export const WARNINGS: readonly string[] = ["-Wall", "-Wextra", "-Werror"];
export const SANITIZE: readonly string[] = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

const has = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;
const features = spawnSync("cat", ["/proc/cpuinfo"], { encoding: "utf8" }).stdout ?? "";
const names = process.arch === "arm64" ? (["neon"] as const) : (["avx512", "avx2", "sse"] as const);

/** What this machine is, the widest vectors first; nothing without a compiler. */
export const here: readonly Machine[] = names
  .map((name): Machine => ({ name, command: "cc", target: TARGETS[name] }))
  .filter(({ command }) => has(command))
  .filter(({ target: { flags } }) => flags.every((flag) => features.includes(flag.slice(2).replace(".", "_"))));

/** What another processor is, if its compiler and an emulator are installed (Debian: gcc-aarch64-linux-gnu, qemu-user). */
export const arm64: Machine | undefined =
  has("aarch64-linux-gnu-gcc") && has("qemu-aarch64")
    ? { name: "neon", command: "aarch64-linux-gnu-gcc", target: TARGETS.neon, emulator: "qemu-aarch64" }
    : undefined;

/** All of them, with every compiler. */
export const machines: readonly Machine[] = [
  ...["gcc", "clang"].filter(has).flatMap((command) => here.map((machine) => ({ ...machine, command }))),
  ...(arm64 ? [arm64] : []),
];

/** Runs a command, which must say nothing. */
export function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "pipe"] });
    let text = "";
    child.stderr.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 && text === "" ? resolve() : reject(new Error(`${command} ${signal ?? code}: ${text.slice(0, 4000)}`)),
    );
  });
}

/** Runs a program that was compiled for a machine. */
export function runOn({ emulator }: Machine, path: string, ...args: readonly string[]): Promise<void> {
  return emulator ? run(emulator, ["-L", "/usr/aarch64-linux-gnu", path, ...args]) : run(path, args);
}
