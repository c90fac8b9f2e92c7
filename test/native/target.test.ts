import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { DeviceError } from "../../src/core/errors.ts";
import { thisMachine } from "../../src/runtime/native-target.ts";
import { usePlace } from "./places.ts";

const place = usePlace();
const { platform, arch } = process;
const pretend = (platform: string, arch: string): void => {
  Object.defineProperty(process, "platform", { value: platform, configurable: true });
  Object.defineProperty(process, "arch", { value: arch, configurable: true });
};
afterEach(() => pretend(platform, arch));

describe.skipIf(platform !== "linux")("on Linux", () => {
  test("targets are what the processor can do, best first", () => {
    const machine = thisMachine();
    const targets = machine.targets();
    const known = new Set(readFileSync("/proc/cpuinfo", "utf8").split(/\s+/));
    for (const { flags } of targets) {
      expect(flags.filter((flag) => !known.has(flag.slice(2).replace(".", "_")))).toEqual([]);
    }
    const widths = targets.map(({ vectorBytes }) => vectorBytes);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(targets.at(-1)!.flags).toEqual([]);
    for (const { l1, l2, l3 } of targets) {
      expect(l1).toBeGreaterThanOrEqual(8 * 1024);
      expect(l2).toBeGreaterThan(l1);
      expect(l3).toBeGreaterThanOrEqual(l2);
    }
    expect(thisMachine().identity).toBe(machine.identity);
  });

  test("arm64 takes no flags", () => {
    pretend("linux", "arm64");
    const targets = thisMachine().targets();
    expect(targets).toMatchObject([{ arch: "arm64", vectorBytes: 16, registers: 32, fma: true, flags: [] }]);
  });
});

describe("on macOS", () => {
  // What Apple's manual says that `sysctl hw` prints: this was never seen.
  function withSysctl(...lines: string[]): void {
    place.script("sysctl", lines.map((line) => `echo "${line}"`).join("\n"));
    process.env["PATH"] = place.folder;
  }

  test("the fast cores' caches count", () => {
    withSysctl(
      "hw.optional.neon: 1",
      "hw.l1dcachesize: 65536",
      "hw.l2cachesize: 4194304",
      "hw.perflevel0.l1dcachesize: 131072",
      "hw.perflevel0.l2cachesize: 12582912",
      "hw.perflevel1.l1dcachesize: 65536",
    );
    pretend("darwin", "arm64");
    expect(thisMachine().targets()).toEqual([
      {
        ...{ arch: "arm64", vectorBytes: 16, registers: 32, fma: true, flags: [] },
        ...{ l1: 131072, l2: 12582912, l3: 12582912 },
      },
    ]);
  });

  test("features go by names of its own", () => {
    withSysctl(
      ...["sse4_2", "avx1_0", "avx2_0", "fma", "f16c"].map((feature) => `hw.optional.${feature}: 1`),
      ...["avx512f", "avx512dq"].map((feature) => `hw.optional.${feature}: 0`),
      ...["hw.l1dcachesize: 32768", "hw.l2cachesize: 262144", "hw.l3cachesize: 6291456"],
    );
    pretend("darwin", "x64");
    const [best] = thisMachine().targets();
    expect(best).toMatchObject({ vectorBytes: 32, registers: 16, fma: true, l1: 32768, l2: 262144, l3: 6291456 });
    expect(best.flags).toEqual(["-mavx2", "-mfma", "-mf16c"]);
  });

  test("what cannot be asked is taken to be usual", () => {
    process.env["PATH"] = place.folder;
    pretend("darwin", "x64");
    const [best] = thisMachine().targets();
    expect(best).toMatchObject({ vectorBytes: 16, fma: false, flags: [], l1: 2 ** 15, l2: 2 ** 19, l3: 2 ** 23 });
  });
});

test.each([
  ["win32", "x64", /runs in Node on Linux and macOS; this is win32\./],
  ["linux", "riscv64", /runs on x86-64 and arm64 processors; this is riscv64\./],
])("there are no programs for %s on %s", (platform, arch, message) => {
  pretend(platform, arch);
  expect(() => thisMachine()).toThrow(DeviceError);
  expect(() => thisMachine()).toThrow(message);
});
