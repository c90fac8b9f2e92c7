/** A share of each operator's samples; opinfo.long.test.ts has them all, and so has what makes docs/operators.md. */

import { testSamples } from "./samples.ts";

testSamples(6);
