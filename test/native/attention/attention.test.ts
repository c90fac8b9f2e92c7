/** The widest machine here; attention.long.test.ts has all. */

import { test } from "vitest";
import { here } from "../../codegen/c-machines.ts";
import { checkMachines } from "./machines.ts";

if (here.length > 0) checkMachines(here.slice(0, 1), []);
else test.skip("attention in C (skipped: no C compiler)");
