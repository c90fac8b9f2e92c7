import { testBits } from "./same-bits.ts";

testBits({ compiled: [2, 8], uncompiled: [1], unfused: ["uncompiled"] });
