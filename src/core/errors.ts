/** Every error that chainrule throws on purpose: a class to catch, a literal `code` to switch on. */
export type ErrorCode =
  | "E_SHAPE" // shapes do not fit the op
  | "E_DTYPE" // dtypes do not fit the op
  | "E_ARG" // an argument is out of its domain
  | "E_INDEX" // an index read from data is out of range
  | "E_GRAD" // a gradient was asked for where there is none
  | "E_TRACE" // a value was read, or a traced tensor used, in the wrong place
  | "E_STATE" // a state dict does not fit the module
  | "E_NAN" // CHECK_NAN found a value that is not finite
  | "E_MEMORY" // an allocation beyond the limit
  | "E_DATA" // a file or data set is truncated, altered or missing
  | "E_DEVICE" // a device that is unknown or cannot run here
  | "E_RECIPE" // a recipe cannot be found or is not one
  | "E_INTERNAL"; // a bug in chainrule

/** The base class: one paragraph that names the op, the shapes and the likely fix. */
export class ChainruleError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 100; // the user's line may stand below many of ours
    super(message, options);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.name = new.target.name;
    trimStack(this, limit);
  }
}

/** Shapes do not fit the op. */
export class ShapeError extends ChainruleError {
  constructor(message: string) {
    super("E_SHAPE", message);
  }
}

/** Dtypes do not fit the op. */
export class DTypeError extends ChainruleError {
  constructor(message: string) {
    super("E_DTYPE", message);
  }
}

/** An argument is out of its domain. */
export class ArgumentError extends ChainruleError {
  constructor(message: string) {
    super("E_ARG", message);
  }
}

/** An index read from data is out of range. */
export class IndexError extends ChainruleError {
  constructor(message: string) {
    super("E_INDEX", message);
  }
}

/** A gradient was asked for where there is none. */
export class GradError extends ChainruleError {
  constructor(message: string) {
    super("E_GRAD", message);
  }
}

/** A value was read while tracing, or a traced tensor was used after its trace. */
export class TraceError extends ChainruleError {
  constructor(message: string) {
    super("E_TRACE", message);
  }
}

/** A state dict does not fit the module or the optimizer. */
export class StateError extends ChainruleError {
  constructor(message: string) {
    super("E_STATE", message);
  }
}

/** `CHECK_NAN` found a value that is not finite. */
export class NanError extends ChainruleError {
  constructor(message: string) {
    super("E_NAN", message);
  }
}

/** An allocation beyond the limit. */
export class MemoryError extends ChainruleError {
  constructor(message: string) {
    super("E_MEMORY", message);
  }
}

/** A file or a data set is truncated, altered or missing. */
export class DataError extends ChainruleError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_DATA", message, options);
  }
}

/** A device that is unknown or cannot run here. */
export class DeviceError extends ChainruleError {
  constructor(message: string) {
    super("E_DEVICE", message);
  }
}

/** A recipe that cannot be found or whose export is not a recipe. */
export class RecipeError extends ChainruleError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_RECIPE", message, options);
  }
}

/** A bug in chainrule: an invariant that its verifiers check does not hold. */
export class InternalError extends ChainruleError {
  constructor(message: string) {
    super("E_INTERNAL", message);
  }
}

// This file is src/core/errors.ts or dist/core/errors.js: two levels up is the library.
const LIBRARY: string = new URL("../", import.meta.url).href;

/** Drops the library's own frames, so that the stack begins at the user's line. */
function trimStack(error: Error, limit: number): void {
  const { stack } = error;
  if (!stack) return;
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => line.startsWith("    at "));
  if (first < 0) return;
  const path = LIBRARY.replace(/^file:\/\//, "");
  const frames = lines.slice(first);
  const others = frames.filter((line) => !line.includes(LIBRARY) && !line.includes(path));
  // Array.map and the like, which stand between our frames and above the user's.
  const begin = others.findIndex((line) => !line.endsWith("(<anonymous>)") && !line.includes("(node:internal/"));
  // A bug report needs our frames: they stay when nothing of the user's is left.
  const kept = begin < 0 ? frames : others.slice(begin);
  error.stack = [...lines.slice(0, first), ...kept.slice(0, limit)].join("\n");
}
