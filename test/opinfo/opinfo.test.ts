/** A share of each operator's samples; opinfo.long.test.ts has them all. */

import { testSamples } from "./samples.ts";

testSamples(30);
