/** What test/text/generate.test.ts expects of a GPT's memory, on wasm. */

import { test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { expectExactMemory } from "./exact-memory.ts";

setDevice("wasm");

test("a GPT that remembers expects what one does that reads all again, bit for bit", () =>
  expectExactMemory({ positions: "learned", width: 16, depth: 1 }));
