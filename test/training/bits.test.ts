import { testBits } from "./same-bits.ts";

// The others are in bits.long.test.ts.
testBits({ compiled: [3], uncompiled: [2], unfused: ["compiled"] });
