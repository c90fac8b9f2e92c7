/** What the machine can do, as the system tells it. What is here for macOS was written from its manuals and never run there. */

import type { Target } from "../codegen/c/target.ts";
import { DeviceError } from "../core/errors.ts";
import { builtin } from "./host.ts";

/** A set of instructions that programs are compiled for: the features it takes, as Linux names them. */
type Level = Pick<Target, "vectorBytes" | "registers" | "fma"> & { readonly needs: readonly string[] };

const AVX2 = ["avx2", "fma", "f16c"];
const AVX512 = ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd", ...AVX2];

// Best first; the last one is what every such processor can do.
const LEVELS: Readonly<Record<Target["arch"], readonly Level[]>> = {
  x64: [
    { vectorBytes: 64, registers: 32, fma: true, needs: AVX512 },
    { vectorBytes: 32, registers: 16, fma: true, needs: AVX2 },
    { vectorBytes: 16, registers: 16, fma: false, needs: ["sse4_2"] },
    { vectorBytes: 16, registers: 16, fma: false, needs: [] },
  ],
  arm64: [{ vectorBytes: 16, registers: 32, fma: true, needs: [] }],
};

type Caches = Pick<Target, "l1" | "l2" | "l3">;

export interface Machine {
  /** the same for machines that run the same programs equally well; cheap to ask for */
  readonly identity: string;
  /** what programs can be compiled for, best first */
  targets(): Target[];
}

/** The machine we run on. Throws a DeviceError if there are no programs for such a one. */
export function thisMachine(): Machine {
  const platform = typeof process === "undefined" ? "a browser" : process.platform;
  if (platform !== "linux" && platform !== "darwin")
    throw new DeviceError(`The native device runs in Node on Linux and macOS; this is ${platform}.`);
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64")
    throw new DeviceError(`The native device runs on x86-64 and arm64 processors; this is ${arch}.`);
  const targets = (features: ReadonlySet<string>, caches: Caches): Target[] =>
    LEVELS[arch]
      .filter(({ needs }) => needs.every((feature) => features.has(feature)))
      .map(({ needs, ...level }) => ({ arch, ...level, ...caches, flags: needs.map(flagOf) }));
  if (platform === "linux") {
    const found = targets(linuxFeatures(), linuxCaches());
    return { identity: JSON.stringify(found), targets: () => found };
  }
  // `sysctl` is a process: only its name is asked for while what is in the cache will do.
  const identity = `${arch} ${builtin("node:os")!.cpus()[0]?.model}`;
  return { identity, targets: () => (({ features, caches }) => targets(features, caches))(sysctl()) };
}

const flagOf = (feature: string): string => `-m${feature.replace("_", ".")}`;

function read(path: string, most: number): string {
  const { closeSync, openSync, readSync } = builtin("node:fs")!;
  try {
    const file = openSync(path, "r");
    const bytes = new Uint8Array(most);
    const length = readSync(file, bytes);
    closeSync(file);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } catch {
    return ""; // not there: in some containers and virtual machines
  }
}

/** The features that the kernel lets programs use. */
function linuxFeatures(): Set<string> {
  // All cores have the same: reading the rest of them takes milliseconds on a large machine.
  const [, flags = ""] = /^flags\s*:(.*)$/m.exec(read("/proc/cpuinfo", 1 << 14)) ?? [];
  return new Set(flags.trim().split(" "));
}

function linuxCaches(): Caches {
  const sizes: number[] = [];
  for (let index = 0; index < 8; index++) {
    const ask = (what: string): string => read(`/sys/devices/system/cpu/cpu0/cache/index${index}/${what}`, 64).trim();
    const [, size, unit] = /^(\d+)([KM])$/.exec(ask("size")) ?? [];
    if (size && ask("type") !== "Instruction")
      sizes[Number(ask("level"))] = Number(size) * (unit === "K" ? 2 ** 10 : 2 ** 20);
  }
  return caches(sizes[1], sizes[2], sizes[3]);
}

/** With what is usual in place of what is unknown. */
const caches = (l1 = 32 * 2 ** 10, l2 = 512 * 2 ** 10, l3 = Math.max(l2, 8 * 2 ** 20)): Caches => ({ l1, l2, l3 });

function sysctl(): { features: Set<string>; caches: Caches } {
  const { stdout } = builtin("node:child_process")!.spawnSync("sysctl", ["hw"], { encoding: "utf8", timeout: 5000 });
  const values = new Map<string, number>();
  for (const [, name, value] of stdout?.matchAll(/^hw\.([\w.]+): (\d+)$/gm) ?? []) values.set(name, Number(value));
  const features = AVX512.concat("sse4_2").filter(
    (feature) => values.get(`optional.${feature}`) || values.get(`optional.${feature}_0`),
  );
  // perflevel0 are the fast cores of a processor that has two kinds
  const size = (level: string): number | undefined =>
    values.get(`perflevel0.${level}cachesize`) || values.get(`${level}cachesize`) || undefined;
  return { features: new Set(features), caches: caches(size("l1d"), size("l2"), size("l3")) };
}
