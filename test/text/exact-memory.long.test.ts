/** Every form of GPT, at sizes where products are blocked and where they are not. */

import { describe, test } from "vitest";
import { expectExactMemory, FORMS } from "./exact-memory.ts";

describe.each([16, 32, 128])("a memory is exact at width %i", (width) => {
  test.each(FORMS)("%o", (form) => expectExactMemory({ ...form, width }));
});
