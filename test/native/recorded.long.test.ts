import { checkAsC, FILES } from "./recorded.ts";

checkAsC(["../golden/golden.long.test.ts", "../opinfo/opinfo.test.ts", ...FILES]);
