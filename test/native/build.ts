/** Run as a process of its own, from a bundle: builds a program and says where it is. */

import { findCompiler } from "../../src/runtime/native-compiler.ts";

const begin = performance.now();
const compiler = findCompiler();
const built = process.argv.slice(2).map((source) => compiler.build("program", [source]));
const milliseconds = performance.now() - begin;
console.log(JSON.stringify({ milliseconds, built }));
