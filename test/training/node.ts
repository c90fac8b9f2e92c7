/** Run as a process of its own: does what the page does. */

import { train } from "./page.ts";

console.log(JSON.stringify(await train(Number(process.argv[2]))));
