import { execFileSync } from "node:child_process";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DeviceError } from "../../src/core/errors.ts";
import { type Compiler, findCompiler } from "../../src/runtime/native-compiler.ts";
import { systemCompiler, usePlace, which } from "./places.ts";

const place = usePlace();

const VISIBLE = '__attribute__((visibility("default")))';
const answer = (value: number): string =>
  `${VISIBLE} float answer(float a, float b, float c) { return ${value} + 0 * a; }`;
const FAST = { probe: 500, build: 500 };

/** What `answer(a, b, c)` of a shared object gives, called by a program in C. */
function call(path: string, ...args: [number, number, number]): number {
  const main = join(place.folder, "main");
  writeFileSync(
    `${main}.c`,
    `#include <dlfcn.h>
     #include <stdio.h>
     #include <stdlib.h>
     int main(int n, char **v) {
       void *object = dlopen(v[1], RTLD_NOW);
       if (!object) return puts(dlerror()), 1;
       float (*answer)(float, float, float) = dlsym(object, "answer");
       printf("%.9g", answer(atof(v[2]), atof(v[3]), atof(v[4])));
     }`,
  );
  execFileSync(systemCompiler!, [`${main}.c`, "-o", main, "-ldl"]);
  return Number(execFileSync(main, [path, ...args.map(String)], { encoding: "utf8" }));
}

/** The error of a compiler that is given by a script's body. */
function errorWith(body: string, act: (compiler: Compiler) => void = () => {}): string {
  process.env["CHAINRULE_CC"] = place.script("compiler", body);
  try {
    act(findCompiler(FAST));
  } catch (error) {
    expect(error).toBeInstanceOf(DeviceError);
    return (error as DeviceError).message;
  }
  throw new Error("nothing was thrown");
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // One that has ended may wait for its parent, who is gone, to ask for its status.
    return process.platform !== "linux" || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe.skipIf(!systemCompiler)("a compiler", () => {
  test.each(["gcc", "clang"].filter(which))("%s makes objects of one and of several units", (name) => {
    process.env["CHAINRULE_CC"] = name;
    const compiler = findCompiler();
    expect(compiler.version).toMatch(new RegExp(`^${name} \\d+\\.\\d+$`));
    expect(call(compiler.build("program", [answer(42)]).path, 0, 0, 0)).toBe(42);
    const units = [
      "float part(int i) { return i; }",
      ...Array.from({ length: 4 }, (_, i) => `float part(int); float part${i}(void) { return part(${i}); }`),
      `float part0(void), part1(void), part2(void), part3(void);
       ${VISIBLE} float answer(float a, float b, float c) { return part0() + part1() + part2() + part3(); }`,
    ];
    expect(call(compiler.build("program", units).path, 0, 0, 0)).toBe(6);
    expect(place.said).toEqual([]);
  });

  test.each(["gcc", "clang"].filter(which))("%s rounds what a program writes, and fuses in the kernels", (name) => {
    process.env["CHAINRULE_CC"] = name;
    const compiler = findCompiler();
    const source = `${VISIBLE} float answer(float a, float b, float c) { return a * b + c; }`;
    const a = 1 + 2 ** -12;
    const rounded = Math.fround(a * a); // a * a is 2^-24 more
    expect(call(compiler.build("program", [source]).path, a, a, -rounded)).toBe(0);
    const fused = compiler.target.fma ? 2 ** -24 : 0;
    expect(call(compiler.build("kernels", [source]).path, a, a, -rounded)).toBeCloseTo(fused, 12);
  });

  test("knows the caches when it compiles the kernels", () => {
    const compiler = findCompiler();
    const { l1, l2 } = compiler.target;
    const source = `${VISIBLE} float answer(float a, float b, float c) { return L1 == ${l1} && L2 == ${l2}; }`;
    expect(call(compiler.build("kernels", [source]).path, 0, 0, 0)).toBe(1);
  });

  test("is told what is wrong with the text, and goes on", () => {
    const compiler = findCompiler();
    const broken = () => compiler.build("program", ["int f(void) { return }"]);
    expect(broken).toThrow(DeviceError);
    expect(broken).toThrow(
      /could not compile its program: .*\(\w+ \d+\.\d+\) failed with status 1 and said:\n.*error/s,
    );
    const several = () => compiler.build("program", [answer(1), "int f(void) { return }", "int g;"]);
    expect(several).toThrow(/program1\.c:1.*error/);
    expect(call(compiler.build("program", [answer(2)]).path, 0, 0, 0)).toBe(2);
  });

  test("is the first of cc, gcc and clang that works", () => {
    place.script("cc", "exit 1");
    const gcc = place.script("gcc", 'exec $CC "$@"');
    process.env["PATH"] = `${place.folder}:${process.env["PATH"]}`;
    expect(findCompiler().command).toBe(gcc);
  });

  test("is not run for what is known", () => {
    const log = join(place.folder, "log");
    const path = place.script("logged", `echo run >> ${log}; exec $CC "$@"`);
    process.env["CHAINRULE_CC"] = path;
    const calls = () => readFileSync(log, "utf8").split("\n").length;
    expect(findCompiler().build("program", [answer(1)]).cached).toBe(false);
    const before = calls();
    const { command, version, target, ...compiler } = findCompiler();
    expect(findCompiler()).toMatchObject({ command, version, target, ...compiler });
    expect(findCompiler().build("program", [answer(1)]).cached).toBe(true);
    expect(calls()).toBe(before);
    expect(findCompiler().build("program", [answer(2)]).cached).toBe(false);
    expect(findCompiler().build("kernels", [answer(1)]).cached).toBe(false);
    utimesSync(path, 1, 1); // another compiler now
    expect(findCompiler().build("program", [answer(1)]).cached).toBe(false);
  });

  test("that knows no AVX-512 compiles for less", ({ skip }) => {
    if (findCompiler().target.vectorBytes < 64) skip("the machine has no AVX-512");
    process.env["CHAINRULE_CC"] = place.script("older", 'case "$*" in *-mavx512f*) exit 1; esac; exec $CC "$@"');
    const { target } = findCompiler();
    expect(target.vectorBytes).toBe(32);
    expect(target.flags).toEqual(["-mavx2", "-mfma", "-mf16c"]);
  });
});

describe("there is none", () => {
  test("on PATH", () => {
    process.env["PATH"] = place.folder;
    expect(() => findCompiler()).toThrow(DeviceError);
    expect(() => findCompiler()).toThrow(
      /needs a C compiler, but there is no cc, gcc or clang on PATH\. Install one \(/,
    );
  });

  test("of the name that CHAINRULE_CC has", () => {
    process.env["CHAINRULE_CC"] = "no-such-compiler";
    expect(() => findCompiler()).toThrow(/CHAINRULE_CC is "no-such-compiler", which is no command\. Install one/);
  });
});

describe.skipIf(!systemCompiler)("a compiler is refused", () => {
  const COMPILING = 'case "$*" in *-E*) exec $CC "$@"; esac';

  test("that fails", () => {
    const message = errorWith("echo no licence found >&2; exit 3");
    expect(message).toMatch(
      /^No C compiler works here\. .*compiler failed with status 3 and said:\nno licence found\n/,
    );
    expect(message).toMatch(/Install one \(.*CHAINRULE_CC\.$/);
  });

  test("that fails once it compiles", () => {
    const message = errorWith(`${COMPILING}; echo cannot find -lc >&2; exit 1`);
    expect(message).toMatch(/compiler \(\w+ \d+\.\d+\) failed with status 1 and said:\ncannot find -lc\n/);
  });

  test.each([
    ["at once", ""],
    ["once it compiles", COMPILING],
  ])("that hangs %s, which is ended", async (_, prelude) => {
    const pids = join(place.folder, "pids");
    const begin = performance.now();
    const message = errorWith(`${prelude}\necho $$ >> ${pids}; sleep 1000 & echo $! >> ${pids}; wait`);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(message).toMatch(/compiler (\(.*\) )?did not finish in 0\.5 s and was ended/);
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started).toHaveLength(2);
    await expect.poll(() => started.filter(isAlive)).toEqual([]);
  });

  test("that is too old", () => {
    const message = errorWith("echo chainrule __clang_major__ __clang_minor__ 8 3 1 __aarch64__");
    expect(message).toMatch(/compiler is gcc 8\.3, and gcc 9 or later is needed\./);
  });

  test("that is no compiler", () => {
    expect(errorWith("echo hello")).toMatch(/compiler is neither gcc nor clang\./);
  });

  test("that makes something else", () => {
    const garbage = 'for last; do :; done; echo garbage > "$last"';
    expect(errorWith(`${COMPILING}\n${garbage}`)).toMatch(/compiler \(.*\) made no shared object\./);
    expect(errorWith(`${COMPILING}\nexit 0`)).toMatch(/compiler \(.*\) made no shared object\./);
  });

  test("that compiles for another processor", ({ skip }) => {
    const other = which(process.arch === "x64" ? "aarch64-linux-gnu-gcc" : "x86_64-linux-gnu-gcc");
    if (!other) skip("no cross compiler here");
    expect(errorWith(`exec ${other} "$@"`)).toMatch(/compiles for another processor than this one/);
  });
});

describe.skipIf(!systemCompiler)("a build ends with an error", () => {
  // Does as it should until it meets a source that says otherwise.
  const unless = (action: string): string => `if grep -qs SPECIAL *.c; then ${action}; fi; exec $CC "$@"`;
  const build = (compiler: Compiler) => void compiler.build("program", [answer(1), "/* SPECIAL */"]);

  test("when the compiler hangs", async () => {
    const pids = join(place.folder, "pids");
    const message = errorWith(unless(`echo $$ >> ${pids}; sleep 1000`), build);
    expect(message).toMatch(
      /could not compile its program: .*compiler \(.*\) did not finish in 0\.5 s and was ended\./,
    );
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    await expect.poll(() => started.filter(isAlive)).toEqual([]);
  });

  test("when the compiler is killed", () => {
    expect(errorWith(unless("kill -9 $$"), build)).toMatch(/could not compile its program: .*(SIGKILL|status \d+)/);
  });

  test("when it makes garbage, which is not kept", () => {
    const garbage = unless('for last; do :; done; head -c 5000 /dev/urandom > "$last"; exit 0');
    expect(errorWith(garbage, (compiler) => compiler.build("program", ["/* SPECIAL */"]))).toMatch(
      /could not compile its program: .*compiler \(.*\) made no shared object\./,
    );
    process.env["CHAINRULE_CC"] = place.script("compiler", 'exec $CC "$@"');
    const { path, cached } = findCompiler().build("program", [`/* SPECIAL */${answer(5)}`]);
    expect(cached).toBe(false);
    expect(call(path, 0, 0, 0)).toBe(5);
  });

  test("when the temporary folder is full", ({ skip }) => {
    const full = place.mount("full", 4) ?? skip("cannot mount a file system here");
    const compiler = findCompiler();
    process.env["TMPDIR"] = full;
    const act = () => compiler.build("program", [answer(1).padEnd(50_000)]);
    expect(act).toThrow(DeviceError);
    expect(act).toThrow(/cannot write to .*full.* \(ENOSPC.*TMPDIR names another folder\./);
  });
});
