/** The limit with relaxed multiply-add, where Node has it: what a program may reach that lets its bits differ. */
import { prepareTile } from "./limit.mjs";

export const prepare = () => prepareTile(true);
