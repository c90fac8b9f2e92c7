import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

/** The devices as a fresh process finds them. */
const select = async (device?: string) => {
  vi.stubEnv("CHAINRULE_DEVICE", device);
  vi.resetModules();
  return import("../../src/runtime/select.ts");
};

beforeEach(() => vi.unstubAllEnvs());
afterEach(() => vi.unstubAllGlobals());

describe("where WebAssembly runs", () => {
  test("auto takes it", async () => {
    const { currentDevice, describeDevices } = await select();
    const { devices, auto, reason } = describeDevices();
    expect(devices.map(({ name, available }) => [name, available])).toEqual([
      ["wasm", true],
      ["interp", true],
    ]);
    expect(devices[0].description).toMatch(/^WebAssembly SIMD/);
    expect([auto, reason]).toEqual(["wasm", "it is the fastest one"]);
    expect(currentDevice().name).toBe("wasm");
  });

  test("another may be chosen, once", async () => {
    const { currentDevice, setDevice } = await select("interp");
    expect(currentDevice().name).toBe("interp");
    expect(() => setDevice("auto")).toThrow(/The device is interp/);
    expect((await select("cuda")).currentDevice).toThrow(/CHAINRULE_DEVICE is "cuda"/);
  });
});

test("where it does not, auto falls back to the interpreter and says why", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  const { currentDevice, describeDevices } = await select();
  const { devices, auto, reason } = describeDevices();
  expect(devices[0]).toMatchObject({ name: "wasm", available: false });
  expect(devices[0].description).toMatch(/needs WebAssembly with SIMD/);
  expect([auto, reason]).toEqual(["interp", "it is the fastest one left: wasm cannot run here"]);
  expect(currentDevice().name).toBe("interp");
  expect((await select("wasm")).currentDevice).toThrow(/needs WebAssembly with SIMD/);
});
