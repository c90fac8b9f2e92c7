import { testGolden } from "./tests.ts";

testGolden();
