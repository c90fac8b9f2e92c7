import { checkAsC, FILES } from "./recorded.ts";

// All take more than an hour; SHARE=12 is every twelfth.
checkAsC(["../golden/golden.long.test.ts", "../opinfo/opinfo.test.ts", ...FILES], Number(process.env["SHARE"] ?? 1));
