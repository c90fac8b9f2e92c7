/** A share of the programs; recorded.long.test.ts has them all. */

import { checkAsC, FILES } from "./recorded.ts";

checkAsC(FILES, 60);
