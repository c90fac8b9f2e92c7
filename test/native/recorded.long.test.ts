import { checkAsC, FILES } from "./recorded.ts";

checkAsC(FILES);
