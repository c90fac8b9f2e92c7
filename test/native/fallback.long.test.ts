import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemCompiler } from "./places.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chainrule-fallback-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Trained {
  readonly device: string;
  readonly first: number;
  readonly last: number;
  readonly said: string;
}

const JITI = join(import.meta.dirname, "../../node_modules/jiti/lib/jiti-cli.mjs");
const TRAIN = join(import.meta.dirname, "train.ts");

/** Trains in a process of its own. */
function train(env: NodeJS.ProcessEnv, command: readonly string[] = [JITI, TRAIN]): Trained {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    env: { ...process.env, CHAINRULE_DEVICE: "auto", CHAINRULE_CACHE: join(folder, "cache"), ...env },
  });
  expect(stderr).not.toContain("Error:");
  expect(status).toBe(0);
  return { ...JSON.parse(stdout), said: stderr };
}

/** A compiler that is the system's but for what `body`, a shell script, does first. */
function compiler(body: string): NodeJS.ProcessEnv {
  const path = join(folder, "compiler");
  writeFileSync(path, `#!/bin/sh\n${body}\nexec ${systemCompiler} "$@"\n`);
  chmodSync(path, 0o755);
  return { CHAINRULE_CC: path };
}

function expectTrained({ first, last }: Trained): void {
  expect(first).toBeGreaterThan(0.1);
  expect(last).toBeLessThan(first / 10);
}

const sentences = (text: string): number => text.split("\n").filter((line) => line.startsWith("chainrule: ")).length;

describe("what trains where C cannot be compiled", () => {
  it("WebAssembly without any compiler, which is said once", () => {
    const trained = train({ PATH: "/nowhere" });
    expectTrained(trained);
    expect(trained.device).toBe("wasm");
    expect(trained.said).toContain("there is no cc, gcc or clang on PATH");
    expect(sentences(trained.said)).toBe(1);
  });

  it.skipIf(!systemCompiler)("WebAssembly with a compiler that fails", () => {
    const trained = train(compiler("echo out of luck >&2; exit 1"));
    expectTrained(trained);
    expect(trained.device).toBe("wasm");
    expect(trained.said).toContain("out of luck");
  });

  it.skipIf(!systemCompiler)("WebAssembly with a compiler that hangs", () => {
    const trained = train({ ...compiler("sleep 100"), CHAINRULE_COMPILE_TIMEOUT: "1" });
    expectTrained(trained);
    expect(trained.device).toBe("wasm");
    expect(trained.said).toContain("did not finish in 1 s");
  });

  it.skipIf(!systemCompiler)("WebAssembly for programs that a compiler fails at", () => {
    const trained = train(
      compiler(
        'case "$*" in *program0.c*) case "$PWD" in *) grep -q run_0 program0.c 2>/dev/null && exit 3;; esac;; esac',
      ),
    );
    expectTrained(trained);
    expect(trained.device).toBe("native");
    expect(trained.said).toContain("runs on WebAssembly instead");
    expect(sentences(trained.said)).toBe(1);
  });
});

it.skipIf(!systemCompiler)(
  "a bundle, which does not have the C that the library brings, trains on WebAssembly",
  async () => {
    const build = await rolldown({ input: TRAIN, platform: "node" });
    await build.write({ file: join(folder, "a/b/train.mjs"), format: "esm", codeSplitting: false });
    await build.close();
    const trained = train({}, [join(folder, "a/b/train.mjs")]);
    expectTrained(trained);
    expect(trained.device).toBe("wasm");
    expect(trained.said).toMatch(/no such file or directory.*must leave chainrule external/);
    expect(sentences(trained.said)).toBe(1);
  },
);

it.skipIf(!systemCompiler)("WebAssembly, if asked for, does not look for a compiler", () => {
  const trained = train({ ...compiler('touch "$0.asked"'), CHAINRULE_DEVICE: "wasm" });
  expectTrained(trained);
  expect(trained.device).toBe("wasm");
  expect(existsSync(join(folder, "compiler.asked"))).toBe(false);
});

describe.skipIf(!systemCompiler)("what trains natively, whatever the cache", () => {
  it("nothing to read and nowhere to write", () => {
    writeFileSync(join(folder, "cache"), "a file stands where the folder should be");
    const trained = train({});
    expectTrained(trained);
    expect(trained.device).toBe("native");
    expect(sentences(trained.said)).toBe(1);
  });

  it("a folder in which others may write", () => {
    mkdirSync(join(folder, "cache", "native"), { recursive: true });
    chmodSync(join(folder, "cache", "native"), 0o777);
    const trained = train({});
    expectTrained(trained);
    expect(trained.device).toBe("native");
  });

  it("the second process loads what the first one built, to the same bits", () => {
    const [first, second] = [train({}), train({})];
    expect(first.device).toBe("native");
    expect(second).toEqual(first);
  });
});
