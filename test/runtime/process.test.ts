import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe("a process", () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "chainrule-"));
    const bundle = await rolldown({ input: join(import.meta.dirname, "process.ts"), platform: "browser" });
    await bundle.write({ file: join(folder, "process.mjs") });
    await bundle.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const node = (...args: string[]): string =>
    execFileSync(process.execPath, [join(folder, "process.mjs"), ...args], { encoding: "utf8", timeout: 20_000 });

  // 0: threads may not have started; 1: they spin; 200: they sleep
  test.each([0, 1, 200])("ends by itself while threads are alive (after %i ms)", (wait) => {
    expect(node("exit", String(wait))).toBe("12\n");
  });

  test("computes its first result in a moment", () => {
    const best = Math.min(...[1, 2, 3].map(() => Number(node("first")))); // others may be using the machine
    expect(best).toBeLessThan(50);
  });
});
