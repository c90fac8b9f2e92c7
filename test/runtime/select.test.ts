import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { missing } from "../native/device.ts";

/** The devices as a fresh process finds them. */
const select = async (device?: string) => {
  vi.stubEnv("CHAINRULE_DEVICE", device);
  vi.resetModules();
  return import("../../src/runtime/select.ts");
};

beforeEach(() => vi.unstubAllEnvs());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const available = (devices: readonly { name: string; available: boolean }[]): [string, boolean][] =>
  devices.map(({ name, available }) => [name, available]);

describe.skipIf(missing)("where C compiles", () => {
  test("auto takes native", async () => {
    const { currentDevice, describeDevices } = await select();
    const { devices, auto, reason } = describeDevices();
    expect(available(devices)).toEqual([
      ["native", true],
      ["wasm", true],
      ["interp", true],
    ]);
    expect(devices[0].description).toMatch(/^C compiled by /);
    expect([auto, reason]).toEqual(["native", "it is the fastest one"]);
    expect(currentDevice().name).toBe("native");
  });
});

describe("where WebAssembly runs but no C compiles", () => {
  const withoutC = (device?: string) => {
    vi.stubEnv("CHAINRULE_CC", "nothing");
    return select(device);
  };

  test("auto takes wasm, and says once why", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const { currentDevice, describeDevices } = await withoutC();
    const { devices, auto, reason } = describeDevices();
    expect(available(devices)).toEqual([
      ["native", false],
      ["wasm", true],
      ["interp", true],
    ]);
    expect(devices[0].description).toMatch(/CHAINRULE_CC is "nothing"/);
    expect(devices[1].description).toMatch(/^WebAssembly SIMD/);
    expect([auto, reason]).toEqual(["wasm", "it is the fastest one left: native cannot run here"]);
    for (let i = 0; i < 2; i++) expect(currentDevice().name).toBe("wasm");
    expect(said.mock.calls).toEqual([[expect.stringMatching(/^chainrule: .*It computes on wasm instead/s)]]);
  });

  test("whoever asks for native is told", async () => {
    expect((await withoutC("native")).currentDevice).toThrow(/needs a C compiler/);
  });
});

test("another may be chosen, once", async () => {
  const { currentDevice, setDevice } = await select("interp");
  expect(currentDevice().name).toBe("interp");
  expect(() => setDevice("auto")).toThrow(/The device is interp/);
  expect((await select("cuda")).currentDevice).toThrow(/CHAINRULE_DEVICE is "cuda"/);
});

test("where nothing else runs, auto falls back to the interpreter and says why", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.stubGlobal("WebAssembly", undefined);
  const { currentDevice, describeDevices } = await select();
  const { devices, auto, reason } = describeDevices();
  expect(available(devices)).toEqual([
    ["native", false],
    ["wasm", false],
    ["interp", true],
  ]);
  expect(devices[1].description).toMatch(/needs WebAssembly with SIMD/);
  expect([auto, reason]).toEqual(["interp", "it is the fastest one left: native and wasm cannot run here"]);
  expect(currentDevice().name).toBe("interp");
  expect((await select("wasm")).currentDevice).toThrow(/needs WebAssembly with SIMD/);
});
