/** A share of a share of the cases' programs; recorded.long.test.ts has them all. */

import { checkAsC, FILES } from "./recorded.ts";

checkAsC(["../golden/share.ts", "../opinfo/share.ts", ...FILES], 16);
