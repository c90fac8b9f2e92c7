import { DataError } from "../core/errors.ts";
import { cacheFolder, type FetchOptions, mayFetch } from "./download.ts";
import { streamTar } from "./tar.ts";

/** An archive of many files, too large for memory, that is kept unpacked. */
export interface ArchiveSource {
  /** what errors call it: "Speech Commands" */
  readonly title: string;
  /** its folder in the cache */
  readonly folder: string;
  /** `<mirror>/<archive>` is a .tar.gz */
  readonly archive: string;
  /** the archive's SHA-256 */
  readonly sha256: string;
  readonly mirrors: readonly string[];
  /** a file that the archive has: where it is, the others are */
  readonly marker: string;
  /** the names of the files that are kept, without `./` in front; nothing else is written */
  readonly files: RegExp;
}

const TIMEOUT = 4 * 3_600_000; // gigabytes over a slow line
const MOST_BYTES = 2 ** 26; // of one file

/**
 * The folder with the files of an archive: `root` if that is given, else one in $XDG_CACHE_HOME/chainrule (~/.cache by
 * default). If they are not there, the archive is downloaded and unpacked as it comes, beside the folder, which takes its
 * place only if the archive's SHA-256 is right. Throws a DataError that says what each mirror answered.
 */
export async function obtainUnpacked(source: ArchiveSource, options: FetchOptions): Promise<string> {
  const { access, mkdir, rename, rm } = await import("node:fs/promises");
  const { dirname, join } = await import("node:path");
  const { title, archive, marker, mirrors } = source;
  const folder = options.root ?? (await cacheFolder(source.folder));
  const isThere = await access(join(folder, marker)).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const advice = `or unpack ${archive} in ${folder}`;
  mayFetch(title, marker, [folder], advice, options);
  await mkdir(dirname(folder), { recursive: true });
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror}/${archive}`;
    const partial = `${folder}.${process.pid}.partial`;
    try {
      await unpack(source, url, partial);
      await rename(partial, folder);
      return folder;
    } catch (error) {
      const { message, cause } = error as Error;
      failures.push(`  ${url}: ${message}${cause instanceof Error ? ` (${cause.message})` : ""}`);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  throw new DataError(`could not download ${archive}:\n${failures.join("\n")}\nCheck the connection, ${advice}.`);
}

async function unpack(source: ArchiveSource, url: string, folder: string): Promise<void> {
  const { createHash } = await import("node:crypto");
  const { mkdir, writeFile } = await import("node:fs/promises");
  const { dirname, join } = await import("node:path");
  const { Readable } = await import("node:stream");
  const { createGunzip } = await import("node:zlib");
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok || !response.body) throw new Error(`answered ${response.status} ${response.statusText}`);
  const hash = createHash("sha256");
  const body = response.body;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      hash.update(piece);
      yield piece;
    }
  }
  const served = Readable.from(hashed());
  const unzipped = createGunzip();
  served.on("error", (error) => unzipped.destroy(error));
  for await (const [path, content] of streamTar(served.pipe(unzipped), url, MOST_BYTES)) {
    const name = path.replace(/^\.\//, "");
    if (!source.files.test(name)) continue;
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const digest = hash.digest("hex");
  if (digest !== source.sha256) {
    throw new DataError(`it has SHA-256 ${digest}, expected ${source.sha256}: the mirror serves something else.`);
  }
}
