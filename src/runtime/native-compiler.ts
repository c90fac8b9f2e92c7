/** From C text to a shared object that can be trusted: finds the system's compiler, runs it, keeps what it made. */

import type { Target } from "../codegen/c/target.ts";
import { DeviceError } from "../core/errors.ts";
import { env } from "./env.ts";
import { availableThreads, builtin, envNumber } from "./host.ts";
import { keyOf, NativeCache, orNoRoom, temporaryFolder } from "./native-cache.ts";
import { thisMachine } from "./native-target.ts";

/** The loader, the library of kernels that it offers to programs, or a program. */
export type ObjectKind = "addon" | "kernels" | "program";

export interface BuiltObject {
  readonly path: string;
  /** whether it was there already */
  readonly cached: boolean;
  readonly milliseconds: number;
}

export interface Compiler {
  readonly command: string;
  /** its name and version, as in "gcc 12.2.0" */
  readonly version: string;
  readonly target: Target;
  /**
   * The shared object made of these C sources. Only what is marked with `__attribute__((visibility("default")))` is
   * seen from outside. Throws a DeviceError that has the compiler's first lines if it cannot be made.
   */
  build(kind: ObjectKind, units: readonly string[]): BuiltObject;
}

/** Milliseconds after which the compiler is taken to hang, and ended. */
export interface Patience {
  readonly probe: number;
  readonly build: number;
}

/** CHAINRULE_COMPILE_TIMEOUT: seconds. */
function usualPatience(): Patience {
  const asked = envNumber("COMPILE_TIMEOUT", 1);
  return asked === undefined ? { probe: 30_000, build: 120_000 } : { probe: 1000 * asked, build: 1000 * asked };
}

const OLDEST = { gcc: 9, clang: 10 }; // gcc 9: __builtin_convertvector
const ADVICE =
  "Install one (Debian, Ubuntu: apt install gcc libc6-dev; Fedora: dnf install gcc; Alpine: apk add build-base; macOS: xcode-select --install) or name one with CHAINRULE_CC.";

const COMMON = ["-std=gnu11", "-O2", "-fPIC", "-pipe", "-w", "-fvisibility=hidden", "-fno-stack-protector"];
// Every operation rounds as it is written; nobody looks at errno or at the exception flags, so that these cost nothing.
const SEMANTICS = ["-fwrapv", "-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math"];

function flagsFor(kind: ObjectKind, target: Target): string[] {
  const flags = [...COMMON, ...SEMANTICS, ...target.flags, `-ffp-contract=${kind === "kernels" ? "fast" : "off"}`];
  if (kind === "kernels") flags.push(`-DL1=${target.l1}`, `-DL2=${target.l2}`);
  // Node may run under Rosetta, which the compiler does not know of.
  if (process.platform === "darwin") flags.push("-arch", target.arch === "x64" ? "x86_64" : "arm64");
  return flags;
}

function linkFlagsFor(kind: ObjectKind): string[] {
  const flags = ["-shared", "-lm"];
  // The addon takes Node's functions from the process, and its threads outlive the Worker whose end would unload it.
  if (kind === "addon")
    flags.push(...(process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : ["-Wl,-z,nodelete"]));
  return flags;
}

/** What generated code takes for granted, with the C library's headers, which the addon includes. */
const PROBE = `#include <pthread.h>
#include <stdint.h>
typedef float floats __attribute__((vector_size(16)));
typedef int32_t ints __attribute__((vector_size(16)));
double fmod(double, double);
__attribute__((visibility("default"))) void probe(floats *x, ints *i, double *y) {
  *i = __builtin_convertvector(*x, ints) & (*x < 1.0f);
  *y = fmod(*y, 3);
}
`;

/** The first compiler of CHAINRULE_CC, or else cc, gcc and clang, that works. Throws a DeviceError that says what each lacks. */
export function findCompiler(patience: Patience = usualPatience()): Compiler {
  const machine = thisMachine();
  const cache = new NativeCache();
  const failures = new Set<string>();
  const tried = new Set<string>();
  for (const path of candidates()) {
    const { realpathSync, statSync } = builtin("node:fs")!;
    const real = realpathSync(path);
    if (tried.has(real)) continue; // cc is gcc or clang by another name
    tried.add(real);
    const { size, mtimeMs } = statSync(real);
    const identity = JSON.stringify([path, real, size, mtimeMs]);
    const key = keyOf("probe", identity, machine.identity, PROBE, JSON.stringify(OLDEST), ...COMMON, ...SEMANTICS);
    try {
      let known = cache.find(key)?.bytes;
      if (!known) {
        known = new TextEncoder().encode(JSON.stringify(probe(path, machine.targets(), patience.probe)));
        cache.keep(key, known, ".json");
      }
      const { version, target } = JSON.parse(new TextDecoder().decode(known)) as Probed;
      return new SystemCompiler(path, version, target, identity, cache, patience.build);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      failures.add(error.message);
    }
  }
  if (failures.size > 0) throw new DeviceError(`No C compiler works here. ${[...failures].join(" ")} ${ADVICE}`);
  const missing = env("CC")
    ? `CHAINRULE_CC is "${env("CC")}", which is no command`
    : "there is no cc, gcc or clang on PATH";
  throw new DeviceError(`The native device needs a C compiler, but ${missing}. ${ADVICE}`);
}

function candidates(): string[] {
  const { accessSync, constants, existsSync, statSync } = builtin("node:fs")!;
  const { resolve } = builtin("node:path")!;
  const runs = (path: string): boolean => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  };
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  const named = env("CC");
  const paths = (named ? [named] : ["cc", "gcc", "clang"]).flatMap((name) => {
    const path = name.includes("/") ? resolve(name) : folders.map((folder) => resolve(folder, name)).find(runs);
    return path && runs(path) ? [path] : [];
  });
  // Without the developer tools, macOS has commands of these names that ask for them in a window.
  const tools = ["/var/db/xcode_select_link", "/Library/Developer/CommandLineTools", "/Applications/Xcode.app"];
  if (process.platform !== "darwin" || tools.some(existsSync)) return paths;
  return paths.filter((path) => !path.startsWith("/usr/bin/"));
}

interface Probed {
  readonly version: string;
  readonly target: Target;
}

/** The compiler's version, and the best of the targets that it knows. Throws a DeviceError that says what is wrong with it. */
function probe(command: string, targets: readonly Target[], timeout: number): Probed {
  return inScratch((folder) => {
    const ask = "chainrule __clang_major__ __clang_minor__ __GNUC__ __GNUC_MINOR__ __x86_64__ __aarch64__";
    builtin("node:fs")!.writeFileSync(builtin("node:path")!.join(folder, "ask.c"), ask);
    const asked = run(command, ["-E", "-P", "ask.c"], folder, timeout);
    if (asked.failure) throw new DeviceError(`${command} ${asked.failure}.`);
    const [, clang, clangMinor, gcc, gccMinor, x64, arm64] =
      /^chainrule (\w+) (\w+) (\w+) (\w+) (\w+) (\w+)$/m.exec(asked.output) ?? [];
    const isClang = Number(clang) > 0;
    const [name, major, minor] = isClang ? (["clang", clang, clangMinor] as const) : (["gcc", gcc, gccMinor] as const);
    if (!(Number(major) > 0)) throw new DeviceError(`${command} is neither gcc nor clang.`);
    const version = `${name} ${major}.${minor}`;
    if (Number(major) < OLDEST[name])
      throw new DeviceError(`${command} is ${version}, and ${name} ${OLDEST[name]} or later is needed.`);
    const { arch } = targets[0];
    if (process.platform === "linux" && (arch === "x64" ? x64 : arm64) !== "1")
      throw new DeviceError(`${command} compiles for another processor than this one (${arch}).`);
    const begin = performance.now();
    let failure = "";
    for (const target of targets) {
      if (performance.now() - begin >= timeout) break; // it hangs, whatever the target
      const made = compile(command, "program", [PROBE], target, folder, timeout);
      if (!made.failure) return { version, target };
      failure = made.failure; // an old compiler does not know the newest instructions
    }
    throw new DeviceError(`${command} (${version}) ${failure}.`);
  });
}

class SystemCompiler implements Compiler {
  readonly command: string;
  readonly version: string;
  readonly target: Target;
  readonly #identity: string;
  readonly #cache: NativeCache;
  readonly #timeout: number;

  constructor(command: string, version: string, target: Target, identity: string, cache: NativeCache, timeout: number) {
    this.command = command;
    this.version = version;
    this.target = target;
    this.#identity = identity;
    this.#cache = cache;
    this.#timeout = timeout;
  }

  build(kind: ObjectKind, units: readonly string[]): BuiltObject {
    const begin = performance.now();
    const flags = [...flagsFor(kind, this.target), ...linkFlagsFor(kind)];
    const key = keyOf(kind, this.#identity, this.version, JSON.stringify(flags), ...units);
    const found = this.#cache.find(key);
    const path = found?.path ?? this.#make(kind, units, key);
    return { path, cached: found !== undefined, milliseconds: performance.now() - begin };
  }

  #make(kind: ObjectKind, units: readonly string[], key: string): string {
    return inScratch((folder) => {
      const { object, failure } = compile(this.command, kind, units, this.target, folder, this.#timeout);
      if (!object) {
        throw new DeviceError(
          `The native device could not compile its ${kind}: ${this.command} (${this.version}) ${failure}.`,
        );
      }
      return this.#cache.keep(key, object, kind === "addon" ? ".node" : ".so");
    });
  }
}

/** Calls `use` with an empty folder of ours alone. Throws a DeviceError where there is no room for what it writes there. */
function inScratch<T>(use: (folder: string) => T): T {
  const folder = temporaryFolder();
  try {
    return orNoRoom(folder, () => use(folder));
  } finally {
    builtin("node:fs")!.rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles in `folder`. `failure` continues a sentence that starts with the compiler. */
function compile(
  command: string,
  kind: ObjectKind,
  units: readonly string[],
  target: Target,
  folder: string,
  timeout: number,
): { object?: Uint8Array; failure?: string } {
  const { readFileSync, rmSync, writeFileSync } = builtin("node:fs")!;
  const { join } = builtin("node:path")!;
  const [flags, link] = [flagsFor(kind, target), [...linkFlagsFor(kind), "-o", "object"]];
  const sources = units.map((_, i) => `${kind}${i}.c`);
  for (const [i, unit] of units.entries()) writeFileSync(join(folder, sources[i]), unit);
  rmSync(join(folder, "object"), { force: true });
  const lanes = share(units, availableThreads()).map((lane) => lane.map((i) => sources[i]).join(" "));
  const { failure } =
    lanes.length === 1
      ? run(command, [...flags, ...sources, ...link], folder, timeout)
      : run("/bin/sh", ["-c", inLanes(lanes, sources, link), "sh", command, ...flags], folder, timeout);
  if (failure) return { failure };
  try {
    const object = readFileSync(join(folder, "object"));
    if (isSharedObject(object, target)) return { object };
  } catch {
    // it made none
  }
  return { failure: "made no shared object" };
}

/** The units of each process: the largest first, each to the one that has least to do. */
function share(units: readonly string[], processes: number): number[][] {
  const lanes = Array.from({ length: Math.min(processes, units.length) }, () => ({ work: 0, units: [] as number[] }));
  const order = [...units.keys()].sort((a, b) => units[b].length - units[a].length);
  for (const i of order) {
    const lane = lanes.reduce((least, other) => (other.work < least.work ? other : least));
    lane.units.push(i);
    lane.work += units[i].length;
  }
  return lanes.map((lane) => lane.units);
}

/** A shell's script that compiles the lanes side by side and links what they made; "$@" is the compiler and its flags. */
function inLanes(lanes: readonly string[], sources: readonly string[], link: readonly string[]): string {
  const objects = sources.map((source) => source.replace(/c$/, "o"));
  return [
    ...lanes.map((lane, i) => `"$@" -c ${lane} & p${i}=$!`),
    "failed=",
    ...lanes.map((_, i) => `wait $p${i} || failed=1`),
    '[ -z "$failed" ] || exit 1',
    `exec "$@" ${objects.join(" ")} ${link.join(" ")}`,
  ].join("\n");
}

/** Runs it to its end. `failure` continues a sentence that starts with the command. */
function run(
  command: string,
  args: readonly string[],
  folder: string,
  timeout: number,
): { output: string; failure?: string } {
  const options = {
    cwd: folder,
    timeout,
    killSignal: "SIGKILL" as const,
    detached: true, // a process group of its own, so that all of it can be ended
    encoding: "utf8" as const,
    stdio: ["ignore" as const, "pipe" as const, "pipe" as const],
    env: { ...process.env, LC_ALL: "C", TMPDIR: folder },
  };
  const { spawnSync } = builtin("node:child_process")!;
  const { error, pid, signal, status, stderr, stdout } = spawnSync(command, args, options);
  if (error || signal) endGroup(pid);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ETIMEDOUT") return { output: "", failure: `did not finish in ${timeout / 1000} s and was ended` };
  if (error) return { output: "", failure: `could not be run (${error.message})` };
  if (status === 0) return { output: stdout };
  const said = stderr.trim().split("\n").slice(0, 8).join("\n");
  const ended = signal ? `was ended by ${signal}` : `failed with status ${status}`;
  return { output: "", failure: said ? `${ended} and said:\n${said}\n` : ended };
}

function endGroup(leader: number): void {
  try {
    if (leader > 0) process.kill(-leader, "SIGKILL");
  } catch {
    // none of it is left
  }
}

/** Whether its header says that it is a shared object for this processor. */
function isSharedObject(bytes: Uint8Array, target: Target): boolean {
  if (bytes.length < 64) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (process.platform === "darwin") return view.getUint32(0, true) === 0xfeedfacf; // Mach-O, 64 bits
  const [magic, type, machine] = [view.getUint32(0), view.getUint16(16, true), view.getUint16(18, true)];
  return magic === 0x7f454c46 && type === 3 && machine === (target.arch === "x64" ? 62 : 183); // ELF, ET_DYN
}
