/** exact-memory.long.test.ts on wasm. */

import { describe, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { expectExactMemory, FORMS } from "./exact-memory.ts";

setDevice("wasm");

describe.each([16, 32, 128])("a memory is exact at width %i", (width) => {
  test.each(FORMS)("%o", (form) => expectExactMemory({ ...form, width }));
});
