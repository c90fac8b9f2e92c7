import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { NativeCache } from "../../src/runtime/native-cache.ts";
import { type BuiltObject, findCompiler } from "../../src/runtime/native-compiler.ts";
import { isRoot, systemCompiler, usePlace } from "./places.ts";

const place = usePlace();
const NOBODY = 65534;
const HOUR = 3600;
const DAY = 24 * HOUR;

const cacheOf = (folder: string): string => join(folder, "cache", "native");
/** A program of this test alone, whose object has these letters in it. */
const containing = (letters: string): string =>
  `/* ${place.folder} */ __attribute__((visibility("default"))) const char letters[] = "${letters}";`;
const build = (letters = "ours"): BuiltObject => findCompiler().build("program", [containing(letters)]);
const has = (path: string, letters: string): boolean => readFileSync(path).includes(`${letters}\0`);

/** What was built is ours, and nobody else can change it. */
function expectOurs({ path }: BuiltObject): void {
  expect(has(path, "ours")).toBe(true);
  expect(has(path, "foreign")).toBe(false);
  for (const [at, rest] of [
    [path, 0o022],
    [dirname(path), 0o077],
  ] as const) {
    const { mode, uid } = lstatSync(at);
    expect(lstatSync(at).isSymbolicLink()).toBe(false);
    expect(uid).toBe(process.geteuid!());
    expect(mode & rest).toBe(0);
  }
}

const inCache = ({ path }: BuiltObject): boolean => dirname(path) === cacheOf(place.folder);

describe.skipIf(!systemCompiler)("the cache", () => {
  test("keeps what was built, for us alone", () => {
    const first = build();
    expect(first.cached).toBe(false);
    expect(inCache(first)).toBe(true);
    expectOurs(first);
    expect(build()).toMatchObject({ path: first.path, cached: true });
    expect(build("other")).toMatchObject({ cached: false });
    expect(readdirSync(cacheOf(place.folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(place.said).toEqual([]);
  });

  test("is in CHAINRULE_CACHE, XDG_CACHE_HOME or the home folder", ({ skip }) => {
    if (process.platform === "darwin") skip("macOS has a folder of its own");
    delete process.env["CHAINRULE_CACHE"];
    process.env["XDG_CACHE_HOME"] = join(place.folder, "xdg");
    expect(dirname(build().path)).toBe(join(place.folder, "xdg", "chainrule", "native"));
    delete process.env["XDG_CACHE_HOME"];
    process.env["HOME"] = join(place.folder, "home");
    expect(dirname(build().path)).toBe(join(place.folder, "home", ".cache", "chainrule", "native"));
  });

  test("may be reached through a link", () => {
    mkdirSync(join(place.folder, "elsewhere"));
    symlinkSync(join(place.folder, "elsewhere"), join(place.folder, "cache"));
    expect(dirname(build().path)).toBe(join(place.folder, "elsewhere", "native"));
    expect(place.said).toEqual([]);
  });

  test("drops what was not used for longest, and nothing of today", () => {
    const { path } = build("used");
    const folder = cacheOf(place.folder);
    const age = (name: string, seconds: number, size = 0): string => {
      const path = join(folder, name);
      if (!existsSync(path)) writeFileSync(path, "");
      truncateSync(path, size || statSync(path).size);
      const then = Date.now() / 1000 - seconds;
      utimesSync(path, then, then);
      return path;
    };
    age(path.slice(folder.length + 1), 10 * DAY);
    const today = age("today", 23 * HOUR, 300 * 2 ** 20);
    const [recent, old] = [age("recent", 2 * DAY, 200 * 2 ** 20), age("old", 3 * DAY, 200 * 2 ** 20)];
    const [broken, writing] = [age("broken.tmp", 2 * DAY, 1), age("writing.tmp", HOUR, 1)];
    expect(build("used").cached).toBe(true); // used today, now
    build("new");
    const left = [path, today, recent, old, broken, writing].filter(existsSync);
    expect(left).toEqual([path, today, recent, writing]);
  });
});

describe.skipIf(!systemCompiler)("what is in the folder is not used", () => {
  /** Builds, changes what was kept, builds again. */
  function afterwards(change: (path: string) => void, what: RegExp): void {
    const { path } = build();
    change(path);
    const again = build();
    expect(again.cached).toBe(false);
    expectOurs(again);
    expect(place.said.join("\n")).toMatch(what);
    expect(place.said).toHaveLength(1);
    expect(build()).toMatchObject({ path: again.path, cached: true });
    expect(place.said).toHaveLength(1);
  }
  const foreign = (): string => build("foreign").path;

  test("if it is truncated", () => {
    const change = (path: string) => truncateSync(path, statSync(path).size - 100);
    afterwards(change, /^chainrule: .*\.so is not used and made anew: its \d+ bytes are not those that were stored\.$/);
  });

  test("if it is empty", () => {
    afterwards((path) => truncateSync(path, 0), /made anew: its 0 bytes are not those that were stored\.$/);
  });

  test("if it is another object", () => {
    afterwards((path) => renameSync(foreign(), path), /bytes are not those that were stored\.$/);
  });

  test("if it is a link", () => {
    afterwards((path) => {
      const target = foreign();
      rmSync(path);
      symlinkSync(target, path);
    }, /made anew: it is a symbolic link\.$/);
  });

  test("if everybody may write to it", () => {
    afterwards((path) => chmodSync(path, 0o666), /made anew: others than its owner may write to it\.$/);
  });

  test("if it belongs to somebody else", ({ skip }) => {
    if (!isRoot) skip("only root can give files away");
    afterwards((path) => chownSync(path, NOBODY, NOBODY), /made anew: it belongs to user 65534, and we are 0\.$/);
  });

  test("if it is a folder, which stays where it is", () => {
    const { path } = build();
    rmSync(path);
    mkdirSync(path);
    const again = build();
    expect(again.cached).toBe(false);
    expect(inCache(again)).toBe(false);
    expectOurs(again);
    expect(place.said.join("\n")).toMatch(
      /made anew: it is no regular file\.\nchainrule: compiled code cannot be kept in/,
    );
  });

  test("if it says what the compiler is, and was altered", () => {
    build();
    const folder = cacheOf(place.folder);
    const probe = readdirSync(folder).find((name) => name.endsWith(".json"))!;
    writeFileSync(join(folder, probe), JSON.stringify({ version: "gcc 99.0", target: { flags: ["-fplugin=evil"] } }));
    expect(findCompiler().version).not.toBe("gcc 99.0");
    expect(place.said.join("\n")).toMatch(/^chainrule: .*\.json is not used and made anew/);
  });
});

describe.skipIf(!systemCompiler)("the folder is not used", () => {
  /** What is built is ours but not there, and it is said once. */
  function expectElsewhere(what: RegExp): void {
    const before = cacheOf(place.folder);
    const first = build();
    expect(first.cached).toBe(false);
    expect(inCache(first)).toBe(false);
    expect(dirname(dirname(first.path))).toBe(tmpdir());
    expectOurs(first);
    expect(build()).toMatchObject({ path: first.path, cached: true }); // in this process
    build("more");
    expect(place.said).toHaveLength(1);
    expect(place.said[0]).toMatch(what);
    expect(place.said[0]).toContain(`chainrule: compiled code cannot be kept in ${before} (`);
    expect(place.said[0]).toMatch(/, so every process compiles anew\. CHAINRULE_CACHE names another folder\.$/);
    rmSync(first.path);
  }

  test("if there is a file in its place", () => {
    writeFileSync(join(place.folder, "cache"), "");
    expectElsewhere(/\(ENOTDIR/);
  });

  test("if it cannot be made", ({ skip }) => {
    const folder = isRoot ? (place.mount("cache", 64) ?? skip("cannot mount a file system here")) : place.folder;
    place.unwritable(folder);
    expectElsewhere(/\((EROFS|ENOENT|EACCES): /); // Node's mkdir says ENOENT for EROFS
  });

  test("if it is read-only, except for what is there", ({ skip }) => {
    const folder = place.mount("cache", 1024) ?? skip("cannot mount a file system here");
    const kept = build("kept");
    expect(inCache(kept)).toBe(true);
    place.unwritable(folder);
    expect(build("kept")).toMatchObject({ path: kept.path, cached: true });
    expect(place.said).toEqual([]);
    expectElsewhere(/\(EROFS: read-only file system\)/);
  });

  test("if it is full", ({ skip }) => {
    const folder = place.mount("cache", 128) ?? skip("cannot mount a file system here");
    build("kept");
    writeFileSync(join(folder, "rest"), new Uint8Array(128 * 1024 - 60_000));
    writeFileSync(join(folder, "filler"), "");
    try {
      for (;;) writeFileSync(join(folder, "filler"), new Uint8Array(4096), { flag: "a" });
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
    expectElsewhere(/\(ENOSPC: no space left on device\)/);
    expect(readdirSync(cacheOf(place.folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(build("kept").cached).toBe(true);
  });

  test("if it belongs to somebody else", ({ skip }) => {
    if (!isRoot) skip("only root can give folders away");
    build();
    chownSync(cacheOf(place.folder), NOBODY, NOBODY);
    expectElsewhere(/\(it belongs to user 65534, and we are 0\)/);
  });

  test("if a folder above it belongs to somebody else", ({ skip }) => {
    if (!isRoot) skip("only root can give folders away");
    build();
    chownSync(join(place.folder, "cache"), NOBODY, NOBODY);
    expectElsewhere(/\(.*cache belongs to user 65534, and we are 0\)/);
  });

  test("if others may use it", () => {
    build();
    chmodSync(cacheOf(place.folder), 0o777);
    expectElsewhere(/\(others than its owner may use it: /);
  });

  test("if everybody may put another one in its place", () => {
    build();
    chmodSync(join(place.folder, "cache"), 0o777);
    expectElsewhere(/\(everybody may write into .*cache\)/);
  });
});

describe.skipIf(!systemCompiler)("a process", () => {
  let script: string;

  beforeAll(async () => {
    const bundle = await rolldown({ input: join(import.meta.dirname, "build.ts"), platform: "browser" });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    script = output[0].code;
  });

  interface Ran {
    readonly milliseconds: number;
    /** of the processor, in milliseconds */
    readonly work: number;
    readonly built: readonly BuiltObject[];
    readonly said: string;
  }

  function run(sources: readonly string[], command = [process.execPath]): Promise<Ran> {
    const file = join(place.folder, "build.mjs");
    writeFileSync(file, script);
    const [name, ...args] = command;
    const child = spawn(name, [...args, file, ...sources], { stdio: ["ignore", "pipe", "pipe"] });
    let [output, said] = ["", ""];
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (said += text));
    return new Promise((resolve, reject) => {
      child.on("close", (code) => (code === 0 ? resolve({ ...JSON.parse(output), said }) : reject(new Error(said))));
    });
  }

  test("and another build the same at once, and both have it", async () => {
    const slow = Array.from({ length: 300 }, (_, i) => `float f${i}(float x) { return x / ${i + 1}; }`).join("\n");
    const ran = await Promise.all([1, 2, 3, 4].map(() => run([slow + containing("ours")])));
    for (const { built, said } of ran) {
      expectOurs(built[0]);
      expect(inCache(built[0])).toBe(true);
      expect(said).toBe("");
    }
    expect(readdirSync(cacheOf(place.folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("that knows the compiler and three objects has them in 10 ms", async () => {
    const sources = ["int a;", "int b;", "int c;"];
    const first = await run(sources);
    expect(first.built.map(({ cached }) => cached)).toEqual([false, false, false]);
    const later = [await run(sources), await run(sources), await run(sources), await run(sources), await run(sources)];
    for (const { built } of later) expect(built.map(({ cached }) => cached)).toEqual([true, true, true]);
    const least = (times: number[]): string => Math.min(...times).toFixed(1);
    const [work, time] = [least(later.map(({ work }) => work)), least(later.map(({ milliseconds }) => milliseconds))];
    console.log(`compiler and three objects from the cache: ${time} ms, of which ${work} of processor time`);
    expect(Number(work)).toBeLessThan(10); // time itself depends on who else uses the machine
  });

  test("takes its own folder with it when it ends", async () => {
    writeFileSync(join(place.folder, "cache"), "");
    const { built, said } = await run([containing("ours"), containing("more")]);
    expect(said).toMatch(/^chainrule: compiled code cannot be kept in .*\n$/);
    for (const { path } of built) expect(existsSync(dirname(path))).toBe(false);
  });

  test("without a home folder makes do", async ({ skip }) => {
    if (!isRoot || process.platform !== "linux") skip("only root can become somebody without a home folder");
    delete process.env["CHAINRULE_CACHE"];
    delete process.env["XDG_CACHE_HOME"];
    chmodSync(place.folder, 0o755);
    process.env["HOME"] = "";
    const somebody = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", process.execPath];
    const { built, said } = await run([containing("ours")], somebody);
    expect(built[0].cached).toBe(false);
    expect(said).toMatch(/^chainrule: compiled code cannot be kept in .*, so every process compiles anew\..*\n$/);
    process.env["HOME"] = place.folder; // another's
    const { said: then } = await run([containing("ours")], somebody);
    expect(then).toMatch(/^chainrule: compiled code cannot be kept in .*EACCES/);
  });

  test("of root does not run what somebody else has put there", async ({ skip }) => {
    if (!isRoot || process.platform !== "linux") skip("only root can become somebody else");
    process.env["HOME"] = join(place.folder, "home");
    delete process.env["CHAINRULE_CACHE"];
    delete process.env["XDG_CACHE_HOME"];
    chmodSync(place.folder, 0o755);
    mkdirSync(process.env["HOME"]);
    chownSync(process.env["HOME"], NOBODY, NOBODY);
    const somebody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", process.execPath];
    const theirs = await run([containing("ours")], somebody);
    expect(theirs.said).toBe("");
    expect(dirname(theirs.built[0].path)).toBe(join(process.env["HOME"], ".cache", "chainrule", "native"));
    const ours = await run([containing("ours")]);
    expect(ours.built[0].cached).toBe(false);
    expect(dirname(ours.built[0].path)).not.toBe(dirname(theirs.built[0].path));
    expect(ours.said).toMatch(/native belongs to user|it belongs to user 65534, and we are 0/);
  });
});

test("keys and bytes that differ are kept apart", () => {
  const cache = new NativeCache();
  const [one, two] = [new TextEncoder().encode("one"), new TextEncoder().encode("two")];
  cache.keep("a".repeat(64), one, ".so");
  cache.keep("b".repeat(64), two, ".so");
  expect(new Uint8Array(cache.find("a".repeat(64))!.bytes)).toEqual(one);
  expect(new Uint8Array(cache.find("b".repeat(64))!.bytes)).toEqual(two);
  expect(cache.find("c".repeat(64))).toBeUndefined();
  execFileSync("rm", ["-r", cacheOf(place.folder)]); // by the user, while we run
  expect(cache.find("a".repeat(64))).toBeUndefined();
});
