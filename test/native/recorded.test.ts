/** A share of a share of the cases' programs; recorded.long.test.ts has them all, or a larger one. */

import { checkAsC, FILES } from "./recorded.ts";

// Matrix products in C have tests of their own.
const files = FILES.filter((file) => !file.includes("contraction"));
checkAsC(["../golden/share.ts", "../opinfo/share.ts", ...files], 160);
