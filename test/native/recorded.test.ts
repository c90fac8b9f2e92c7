/** A share of a share of the cases' programs; recorded.long.test.ts has them all, or a larger one. */

import { checkAsC, FILES } from "./recorded.ts";

checkAsC(["../golden/share.ts", "../opinfo/share.ts", ...FILES], 48);
