/**
 * Compiled code on disk. What is in there is run, so it is used only if nobody but us can have put it there: the folder
 * is ours alone, and so is the file, whose name holds the digest of its bytes.
 */

import { DeviceError } from "../core/errors.ts";
import { env } from "./env.ts";
import { builtin, debug } from "./host.ts";

export interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MOST_BYTES = 512 * 2 ** 20;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The name of what was made of `parts`. */
export const keyOf = (...parts: readonly string[]): string => sha256(JSON.stringify(parts));

const sha256 = (data: string | Uint8Array): string =>
  builtin("node:crypto")!.createHash("sha256").update(data).digest("hex");

/** $CHAINRULE_CACHE, or the user's folder for what can be made again. */
export function cacheFolder(): string {
  const { join, resolve } = builtin("node:path")!;
  const own = env("CACHE");
  if (own) return resolve(own);
  const xdg = process.env["XDG_CACHE_HOME"];
  if (xdg?.startsWith("/")) return join(xdg, "chainrule");
  const home = builtin("node:os")!.homedir();
  if (!home.startsWith("/")) throw new Error("there is no home folder");
  return join(home, process.platform === "darwin" ? "Library/Caches" : ".cache", "chainrule");
}

/** What cannot be kept in the user's folder is kept in one of this process, and that is said once. */
export class NativeCache {
  /** undefined if it cannot be trusted */
  readonly #folder: string | undefined;
  #writable = true;

  constructor() {
    let folder = "a cache folder";
    try {
      folder = builtin("node:path")!.join(cacheFolder(), "native");
      this.#folder = openTrusted(folder);
    } catch (error) {
      sayNotKept(folder, error as Error);
    }
  }

  /** What was kept under `key`. What is not as we left it is removed, and said. */
  find(key: string): Entry | undefined {
    for (const folder of [this.#folder, privateFolder]) {
      for (const name of folder ? list(folder) : []) {
        const found = name.startsWith(key) && tryRead(builtin("node:path")!.join(folder!, name), digestIn(name));
        if (found) return found;
      }
    }
    return undefined;
  }

  /** Puts `bytes` there at once or not at all. Throws a DeviceError if even the temporary folder is full. */
  keep(key: string, bytes: Uint8Array, suffix: string): string {
    const name = `${key}-${sha256(bytes)}${suffix}`;
    if (this.#folder && this.#writable) {
      try {
        evict(this.#folder);
        return write(this.#folder, name, bytes);
      } catch (error) {
        this.#writable = false;
        sayNotKept(this.#folder, error as Error);
      }
    }
    privateFolder ??= makePrivateFolder();
    return orNoRoom(privateFolder, () => write(privateFolder!, name, bytes));
  }
}

const digestIn = (name: string): string => name.slice(65, 129);

// Of this process alone.
let privateFolder: string | undefined;

function makePrivateFolder(): string {
  const { rmSync } = builtin("node:fs")!;
  const folder = temporaryFolder();
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty folder that only we can use. Throws a DeviceError where there is no room for one. */
export function temporaryFolder(): string {
  const { join } = builtin("node:path")!;
  const parent = builtin("node:os")!.tmpdir();
  return orNoRoom(parent, () => builtin("node:fs")!.mkdtempSync(join(parent, "chainrule-"))); // mode 0700
}

/** Calls `use`, which writes into `folder`, and throws a DeviceError if the system does not let it. */
export function orNoRoom<T>(folder: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException;
    if (!syscall) throw error;
    throw new DeviceError(`The native device cannot write to ${folder} (${message}). TMPDIR names another folder.`);
  }
}

const said = new Set<string>();

function sayOnce(text: string): void {
  if (!said.has(text)) debug(`chainrule: ${text}`);
  said.add(text);
}

function sayNotKept(folder: string, { message, syscall }: NodeJS.ErrnoException): void {
  const why = syscall ? message.split(",")[0] : message; // the system names the call and our temporary file too
  sayOnce(
    `compiled code cannot be kept in ${folder} (${why}), so every process compiles anew. CHAINRULE_CACHE names another folder.`,
  );
}

function list(folder: string): string[] {
  try {
    return builtin("node:fs")!.readdirSync(folder);
  } catch {
    return []; // deleted while we run, or not readable: keeping something there will say so
  }
}

/** Makes the folder if it is missing, and gives its real path. Throws an Error that says why others could write there. */
function openTrusted(path: string): string {
  const { mkdirSync, realpathSync, statSync } = builtin("node:fs")!;
  const { dirname } = builtin("node:path")!;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const folder = realpathSync(path);
  const user = process.geteuid!();
  const { uid, mode } = statSync(folder);
  if (uid !== user) throw new Error(`it belongs to user ${uid}, and we are ${user}`);
  if (mode & 0o077) throw new Error(`others than its owner may use it: \`chmod 700\` it once its content is deleted`);
  // Who can rename a folder above can put another one in our folder's place.
  for (let at = folder; at !== dirname(at); ) {
    at = dirname(at);
    const { uid, mode } = statSync(at);
    if (uid !== user && uid !== 0) throw new Error(`${at} belongs to user ${uid}, and we are ${user}`);
    if (mode & 0o002 && !(mode & 0o1000)) throw new Error(`everybody may write into ${at}`);
  }
  return folder;
}

function tryRead(path: string, digest: string): Entry | undefined {
  try {
    return { path, bytes: readTrusted(path, digest) };
  } catch (error) {
    sayOnce(`${path} is not used and made anew: ${(error as Error).message}.`);
  }
  try {
    builtin("node:fs")!.rmSync(path, { force: true });
  } catch {
    // a folder, or in a folder that is read-only: it will be passed over again
  }
  return undefined;
}

/** The bytes of a file that only we can have written. Throws an Error that says why that is not so. */
function readTrusted(path: string, digest: string): Uint8Array {
  const { closeSync, constants, fstatSync, futimesSync, openSync, readFileSync } = builtin("node:fs")!;
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ELOOP" ? new Error("it is a symbolic link") : error;
  }
  try {
    const { uid, mode, mtimeMs } = fstatSync(file);
    const user = process.geteuid!();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error("it is no regular file");
    if (uid !== user) throw new Error(`it belongs to user ${uid}, and we are ${user}`);
    if (mode & 0o022) throw new Error("others than its owner may write to it");
    const bytes = readFileSync(file);
    if (sha256(bytes) !== digest) throw new Error(`its ${bytes.length} bytes are not those that were stored`);
    if (Date.now() - mtimeMs > HOUR) touch(() => futimesSync(file, new Date(), new Date()));
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Marks as used lately, where that can be written. */
function touch(write: () => void): void {
  try {
    write();
  } catch {
    // a read-only folder evicts nothing
  }
}

function write(folder: string, name: string, bytes: Uint8Array): string {
  const { renameSync, rmSync, writeFileSync } = builtin("node:fs")!;
  const { join } = builtin("node:path")!;
  const [path, temporary] = [join(folder, name), join(folder, `${crypto.randomUUID()}.tmp`)];
  try {
    writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path); // a process that does the same at the same time has the same right to the name
    return path;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Keeps the folder's size bounded: what was not used for longest goes, and nothing that was used today. */
function evict(folder: string): void {
  const { readdirSync, rmSync, statSync } = builtin("node:fs")!;
  const { join } = builtin("node:path")!;
  try {
    const files = readdirSync(folder).map((name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = statSync(path);
      return { path, size, mtimeMs };
    });
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    let total = 0;
    for (const { path, size, mtimeMs } of files) {
      total += size;
      // A process that was ended while it wrote has left a .tmp.
      const useless = total > MOST_BYTES || path.endsWith(".tmp");
      if (useless && Date.now() - mtimeMs > DAY) rmSync(path);
    }
  } catch {
    // another process does the same: it will have done it
  }
}
