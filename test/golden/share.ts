/** A share of the cases, for tests that run them in another way. */

import { testGolden } from "./tests.ts";

testGolden(60);
