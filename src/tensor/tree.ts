/** Arguments and results of compiled functions: tensors in arrays and plain objects, and whatever stands beside them. */

import { Tensor } from "./tensor.ts";

const isRecord = (x: unknown): x is Record<string, unknown> => {
  if (typeof x !== "object" || x === null) return false;
  const prototype = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
};

/** The same tree, with `f` applied to what is neither an array nor a plain object. */
export function mapTree(tree: unknown, f: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => mapTree(item, f));
  if (!isRecord(tree)) return f(tree);
  return Object.fromEntries(Object.entries(tree).map(([name, item]) => [name, mapTree(item, f)]));
}

/** Appends the tree's tensors to `tensors`, and gives what decides how a function treats the tree: its key. */
export function describe(tree: unknown, isTensorArgument: (x: Tensor) => boolean, tensors: Tensor[]): string {
  if (tree instanceof Tensor && isTensorArgument(tree)) {
    tensors.push(tree);
    return `${tree.dtype}[${tree.shape}]`;
  }
  if (Array.isArray(tree)) return `(${tree.map((item) => describe(item, isTensorArgument, tensors)).join()})`;
  if (isRecord(tree)) {
    return `{${Object.entries(tree).map(([name, item]) => `${JSON.stringify(name)}:${describe(item, isTensorArgument, tensors)}`)}}`;
  }
  if (typeof tree === "string") return JSON.stringify(tree);
  if ((typeof tree === "object" && tree !== null) || typeof tree === "function") return `#${identity(tree)}`;
  return Object.is(tree, -0) ? "-0" : `${typeof tree} ${String(tree)}`;
}

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

/** Objects are told apart by who they are, not by what they hold. */
function identity(object: object): number {
  let id = identities.get(object);
  if (id === undefined) identities.set(object, (id = nextIdentity++));
  return id;
}
