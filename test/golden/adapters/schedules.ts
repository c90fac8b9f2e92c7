/** The learning rates of a schedule, step by step. */

import type { Options } from "../cases.ts";

/** What a schedule gives in its first `steps` steps. */
export type Rates = (options: Options, steps: number) => readonly number[];

export const SCHEDULES: Readonly<Record<string, Rates>> = {};
