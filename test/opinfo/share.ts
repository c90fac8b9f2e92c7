/** A share of the samples, for tests that run them in another way. */

import { testSamples } from "./samples.ts";

testSamples(2);
