import { beforeAll, describe, test } from "vitest";
import { bundleToFile } from "./bundle.ts";
import { expectFlat } from "./flat.ts";

const bounds = { heap: 64 * 1024, rss: 2 * 2 ** 20 };

describe("memory is flat", () => {
  let program: string;
  beforeAll(async () => {
    program = await bundleToFile("soak.ts");
  });

  test.each(["sync", "await"])("over 100,000 compiled steps, %s", (pace) => {
    expectFlat(program, "compiled", pace, 100_000, bounds);
  });

  test.each(["sync", "await", "unread"])("over 20,000 steps without compile, %s", (pace) => {
    expectFlat(program, "uncompiled", pace, 20_000, bounds);
  });
});
