/** The widest vectors here; contraction.long.test.ts has all. */

import { builds, checkBuilds } from "./builds.ts";

checkBuilds(builds.filter(({ able }) => able).slice(0, 1));
