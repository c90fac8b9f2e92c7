import { beforeAll, describe, test } from "vitest";
import { missing } from "../native/device.ts";
import { bundleToFile } from "./bundle.ts";
import { expectFlat } from "./flat.ts";

const bounds = { heap: 64 * 1024, rss: 2 * 2 ** 20 };

const DEVICES = [
  { device: "wasm", lacks: undefined },
  { device: "native", lacks: missing },
];

describe.each(DEVICES)("memory is flat on $device", ({ device, lacks }) => {
  let program: string;
  beforeAll(async () => {
    program = await bundleToFile("soak.ts");
  });

  test.skipIf(lacks).each(["sync", "await"])("over 100,000 compiled steps, %s", (pace) => {
    expectFlat(program, device, "compiled", pace, 100_000, bounds);
  });

  test.skipIf(lacks).each(["sync", "await", "unread"])("over 20,000 steps without compile, %s", (pace) => {
    expectFlat(program, device, "uncompiled", pace, 20_000, bounds);
  });
});
