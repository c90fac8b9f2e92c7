/**
 * Replaces the file at `path` by `chunks`, so that whoever reads it, even after a crash or a power cut, finds the
 * old bytes or the new ones and never a part: a temporary file beside it, fsync, rename, fsync of the folder.
 *
 * ```ts
 * await writeFileAtomic("run.json", JSON.stringify({ seed: 0 }));
 * ```
 */
export async function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  const { open, rename, rm } = await import("node:fs/promises");
  const { basename, dirname, join } = await import("node:path");
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  try {
    const file = await open(temporary, "wx");
    try {
      for (const chunk of chunks) await file.appendFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const { message, code } = error as NodeJS.ErrnoException;
    const reason = message.split(", ")[0].replace(/^[A-Z]+: /, ""); // without the temporary file's name
    throw Object.assign(new Error(`cannot write ${path}: ${reason}.`, { cause: error }), { code });
  }
  if (process.platform === "win32") return; // a folder cannot be opened there, and NTFS journals the rename
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
