import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFileAtomic } from "../../src/io/atomic.ts";

const folder = () => mkdtemp(join(tmpdir(), "chainrule-atomic-"));

it("writes chunks one after the other and leaves nothing else behind", async () => {
  const path = join(await folder(), "file");
  await writeFile(path, "what was there before, and longer");
  await writeFileAtomic(path, "ab", new Uint8Array([99, 100]));
  expect(await readFile(path, "utf8")).toBe("abcd");
  expect(await readdir(join(path, ".."))).toEqual(["file"]);
});

it("keeps the old file and removes the temporary one when it fails", async () => {
  const path = join(await folder(), "taken");
  const { mkdir } = await import("node:fs/promises");
  await mkdir(path); // a file cannot be renamed onto a folder
  await expect(writeFileAtomic(path, "x")).rejects.toMatchObject({
    code: "EISDIR",
    message: `cannot write ${path}: illegal operation on a directory.`,
  });
  expect(await readdir(join(path, ".."))).toEqual(["taken"]);
});

it("shows a reader the old bytes or the new ones, wherever the writer is killed", async () => {
  const path = join(await folder(), "file");
  const size = 3_000_000;
  await writeFileAtomic(path, "a".repeat(size));
  const script = `
    import { writeFileAtomic } from ${JSON.stringify(new URL("../../dist/io/atomic.js", import.meta.url).href)};
    for (let letter = 98; ; letter++) await writeFileAtomic(${JSON.stringify(path)}, String.fromCharCode(letter % 26 + 97).repeat(${size}));`;
  for (const timeout of [150, 171, 193, 217]) {
    spawnSync(process.execPath, ["--input-type=module", "-e", script], { timeout, killSignal: "SIGKILL" });
    const text = await readFile(path, "utf8");
    expect(text).toBe(text[0].repeat(size));
  }
});
