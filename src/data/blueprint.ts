/** Things that another thread can build again: a function cannot be sent there, but where it stands can. */

import { ArgumentError } from "../core/errors.ts";

/**
 * How to build an object elsewhere: what `module` exports as `name`, constructed if it is a class, else called (it may be
 * async), with `args`. Arguments that are blueprints themselves, or arrays of them, are built first; the others must be
 * values that `structuredClone` knows. Large arrays belong in a SharedArrayBuffer (`shared`), which is not copied.
 */
export interface Blueprint {
  /** the module's address, such as `import.meta.url`: JavaScript that Node itself can import */
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

const isBlueprint = (value: unknown): value is Blueprint =>
  typeof value === "object" && value !== null && "module" in value && "name" in value && "args" in value;

/** What a blueprint says, built. Throws an ArgumentError if the module exports no function or class of that name. */
export async function build(blueprint: Blueprint): Promise<unknown> {
  const args = await buildAll(blueprint.args);
  const exports: Record<string, unknown> = await import(blueprint.module);
  const make = exports[blueprint.name];
  if (typeof make !== "function") {
    throw new ArgumentError(`${blueprint.module} exports no function or class named ${blueprint.name}.`);
  }
  return isClass(make) ? Reflect.construct(make, args) : await make(...args);
}

const buildAll = (values: readonly unknown[]): Promise<unknown[]> =>
  Promise.all(
    values.map((value) => (Array.isArray(value) ? buildAll(value) : isBlueprint(value) ? build(value) : value)),
  );

/** A class's prototype cannot be replaced, a function's can. */
const isClass = (f: object): boolean => Object.getOwnPropertyDescriptor(f, "prototype")?.writable === false;

/** The same bytes where all threads see them; themselves if they are there already. */
export function shared(bytes: Uint8Array): Uint8Array {
  if (typeof SharedArrayBuffer === "undefined" || bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
