/** Builds and runs probe.c: the most that the machine does. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const output = (command, args) =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 26 });

const attempt = (f) => {
  try {
    return f();
  } catch {
    return undefined;
  }
};

/**
 * {compiler, spills, measure(mix, threads, floats), best(mix, threads), close()}, or undefined without a compiler.
 *
 * `measure` keeps the best figure of each mix and number of threads: GFLOP/s of "fma", GB/s of the others.
 */
export function buildProbe() {
  const folder = mkdtempSync(join(os.tmpdir(), "chainrule-probe-"));
  const close = () => rmSync(folder, { recursive: true, force: true });
  const program = join(folder, "probe");
  // Run here and now only, so this machine's features may all be used.
  const features = process.arch === "arm64" ? "-mcpu=native" : "-march=native";
  const flags = ["-O3", "-ffp-contract=fast", features, "-pthread", join(here, "probe.c"), "-o", program];
  const compiler = ["cc", "gcc", "clang"].find((name) => attempt(() => output(name, flags)) !== undefined);
  if (!compiler) {
    close();
    return undefined;
  }
  const found = new Map();
  return {
    compiler: output(compiler, ["--version"]).split("\n")[0],
    spills: spillsIn(program),
    measure(mix, threads, floats = 0) {
      const value = Number(output(program, [mix, String(threads), String(floats)]));
      const key = `${mix} ${threads}`;
      found.set(key, Math.max(value, found.get(key) ?? 0));
    },
    best: (mix, threads) => found.get(`${mix} ${threads}`),
    all: () => Object.fromEntries(found),
    close,
  };
}

/** Whether the loop of multiply-adds touches memory, by its assembly: "no", "yes" or "unknown" without objdump. */
function spillsIn(program) {
  const text = attempt(() => output("objdump", ["-d", "--no-show-raw-insn", program]));
  if (!text) return "unknown";
  const body = text.slice(text.search(/^[0-9a-f]+ <_?fma_loop>:$/m)).split(/\n\s*\n/)[0];
  const instructions = [...body.matchAll(/^\s*([0-9a-f]+):\s+(.*)$/gm)].map(([, at, code]) => ({ at, code }));
  const isMultiplyAdd = ({ code }) => /^v?fn?m(add|la|ls)/.test(code);
  // The loop: from a multiply-add back to the target of the jump after the last one.
  const last = instructions.findLastIndex(isMultiplyAdd);
  const jump = instructions.slice(last).find(({ code }) => /^(j[a-z]+|b\.[a-z]+|cbnz)\s/.test(code));
  const target = jump && /\b([0-9a-f]+) </.exec(jump.code)?.[1];
  const first = instructions.findIndex(({ at }) => at === target);
  if (first < 0) return "unknown";
  const loop = instructions.slice(first, instructions.indexOf(jump) + 1);
  return loop.some(({ code }) => /\(%|\[(sp|x\d)/.test(code)) ? "yes" : "no";
}
