/** Compilers that work or do not, and folders that can be written or not, for the tests of this room. */

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";

/** The path of a command; undefined if there is none. */
export const which = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync);

export const systemCompiler: string | undefined = which("cc") ?? which("gcc") ?? which("clang");
export const isRoot: boolean = process.geteuid?.() === 0;

export interface Place {
  /** an empty folder */
  readonly folder: string;
  /** what was said on stderr */
  readonly said: string[];
  /** an executable shell script in the folder; `$CC` is the system's compiler */
  script(name: string, body: string): string;
  /** a file system of so many KiB, gone after the test; undefined where it cannot be had */
  mount(name: string, size: number): string | undefined;
  unwritable(folder: string): void;
}

/** Gives each test a folder, its cache in `folder`/cache, and sets the environment back afterwards. */
export function usePlace(): Place {
  let temporary: string; // of all tests: a process that is ended by a signal leaves what it keeps for itself
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  const mounts: string[] = [];
  const said: string[] = [];
  beforeAll(() => {
    temporary = process.env["TMPDIR"] = realpathSync(mkdtempSync(join(tmpdir(), "chainrule-test-")));
    chmodSync(temporary, 0o1777);
  });
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));
  beforeEach(() => {
    environment = { ...process.env };
    folder = mkdtempSync(join(temporary, "test-"));
    process.env["CHAINRULE_CACHE"] = join(folder, "cache");
    said.length = 0;
    vi.spyOn(console, "error").mockImplementation((text) => said.push(text));
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, environment); // the object stays: the system's variables are behind it
    vi.restoreAllMocks();
    for (const mount of mounts.splice(0)) execFileSync("umount", [mount]);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return folder;
    },
    said,
    script(name, body) {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\nCC=${systemCompiler}\n${body}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    mount(name, size) {
      const path = join(folder, name);
      mkdirSync(path);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}k,mode=700`, "tmpfs", path], { stdio: "ignore" });
      } catch {
        return undefined;
      }
      mounts.push(path);
      return path;
    },
    unwritable(path) {
      if (mounts.includes(path)) execFileSync("mount", ["-o", "remount,ro", path]);
      else chmodSync(path, 0o500);
    },
  };
}
