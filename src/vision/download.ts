import { DataError } from "../core/errors.ts";
import { writeFileAtomic } from "../io/atomic.ts";

/** A file that mirrors serve as `<mirror>/<name>.gz`, known by the digest of what is inside. */
export interface RemoteFile {
  readonly name: string;
  readonly sha256: string;
  readonly mirrors: readonly string[];
}

// Ten megabytes over a slow line.
const TIMEOUT = 300_000;

/**
 * The bytes of `file` from the first of `folders` that has it, plain or as .gz; undefined if none has.
 * Throws a DataError that names the file if its digest is not the one expected.
 */
export async function readLocal(file: RemoteFile, folders: readonly string[]): Promise<Uint8Array | undefined> {
  const { readFile } = await import("node:fs/promises");
  const { join } = await import("node:path");
  for (const folder of folders) {
    for (const suffix of ["", ".gz"]) {
      const path = join(folder, file.name + suffix);
      const stored = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
        throw new DataError(`cannot read ${path}: ${error.message}`, { cause: error });
      });
      if (!stored) continue;
      const bytes = suffix ? await gunzip(stored, path) : stored;
      await verify(bytes, file, path, "Delete it and try again: it will be fetched anew.");
      return bytes;
    }
  }
  return undefined;
}

/**
 * Fetches `file` from the first mirror that serves it whole, and keeps the bytes in `folder`.
 * Throws a DataError that says what each mirror answered and where to put the file by hand.
 */
export async function download(file: RemoteFile, folder: string): Promise<Uint8Array> {
  const { mkdir } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const failures: string[] = [];
  for (const mirror of file.mirrors) {
    const url = `${mirror}/${file.name}.gz`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
      if (!response.ok) throw new Error(`answered ${response.status} ${response.statusText}`);
      const bytes = await gunzip(new Uint8Array(await response.arrayBuffer()), url);
      await verify(bytes, file, url, "The mirror serves something else.");
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(join(folder, file.name), bytes);
      return bytes;
    } catch (error) {
      const { message, cause } = error as Error;
      failures.push(`  ${url}: ${message}${cause instanceof Error ? ` (${cause.message})` : ""}`);
    }
  }
  throw new DataError(
    `could not download ${file.name}:\n${failures.join("\n")}\nCheck the connection, or put the file (plain or .gz) into ${folder} by hand.`,
  );
}

async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const zlib = await import("node:zlib");
  const { promisify } = await import("node:util");
  try {
    return await promisify(zlib.gunzip)(bytes);
  } catch (cause) {
    throw new DataError(`${name} is truncated or not a gzip file: ${(cause as Error).message}`, { cause });
  }
}

async function verify(bytes: Uint8Array, file: RemoteFile, where: string, advice: string): Promise<void> {
  const { createHash } = await import("node:crypto");
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === file.sha256) return;
  throw new DataError(
    `${where} is truncated or altered: ${bytes.length} bytes with SHA-256 ${digest}, expected ${file.sha256}. ${advice}`,
  );
}
