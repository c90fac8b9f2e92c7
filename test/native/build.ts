/** Run as a process of its own, from a bundle: builds programs and says where they are and what it took. */

import { findCompiler } from "../../src/runtime/native-compiler.ts";

const [begin, cpu] = [performance.now(), process.cpuUsage()];
const compiler = findCompiler();
const built = process.argv.slice(2).map((source) => compiler.build("program", [source]));
const milliseconds = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ milliseconds, work: (user + system) / 1000, built }));
