import { execFileSync } from "node:child_process";
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** A program of this folder and all that it imports, as one module without imports. */
export async function bundle(name: string): Promise<string> {
  const build = await rolldown({ input: join(import.meta.dirname, name), platform: "browser", external: /^node:/ });
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return output[0].code;
}

/** Writes a bundle for `node`, as far from the C that the library brings as its modules are; gives the path. */
export async function bundleToFile(name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-"));
  symlinkSync(join(import.meta.dirname, "../../native"), join(folder, "native"));
  const path = join(folder, "dist/runtime/program.mjs");
  const build = await rolldown({ input: join(import.meta.dirname, name), platform: "node" });
  await build.write({ file: path, format: "esm", codeSplitting: false });
  await build.close();
  return path;
}

export interface Settings {
  /** CHAINRULE_… */
  readonly [name: string]: string;
}

/** Runs a bundle in a process of its own; gives what it prints. */
export function run(
  path: string,
  args: readonly string[],
  settings: Settings = {},
  flags: readonly string[] = [],
): string {
  const env = {
    ...process.env,
    ...Object.fromEntries(Object.entries(settings).map(([k, v]) => [`CHAINRULE_${k}`, v])),
  };
  return execFileSync(process.execPath, [...flags, path, ...args], { encoding: "utf8", env });
}
