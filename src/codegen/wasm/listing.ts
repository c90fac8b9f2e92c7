import type { RenderedProgram } from "./program.ts";

/** What a program's module consists of: each phase, how it is run, and the size of its code. */
export function listProgram({ code, phases }: RenderedProgram): string {
  const sizes = functionSizes(code);
  const imports = phases.length === 0 ? 0 : Math.min(...phases.map(({ func }) => func.index)) - FIRST_PHASE;
  const lines = phases.map(({ kernel, func, range, grain, shared }, i) => {
    const how = shared ? `shared in multiples of ${grain}` : "by one thread";
    return `phase ${i}: ${kernel.kind} ${kernel.name}: ${range} iterations ${how}, ${sizes[func.index - imports]} bytes`;
  });
  return [`module: ${code.length} bytes`, ...lines].join("\n");
}

// `fail` is the first function of every program.
const FIRST_PHASE = 1;
const CODE_SECTION = 10;

/** Bytes of each function of a module, as the binary format's code section says. */
function functionSizes(code: Uint8Array): number[] {
  let at = 8; // after the magic number and the version
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = code[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < code.length) {
    const id = code[at++];
    const size = unsigned();
    if (id !== CODE_SECTION) {
      at += size;
      continue;
    }
    return Array.from({ length: unsigned() }, () => {
      const bytes = unsigned();
      at += bytes;
      return bytes;
    });
  }
  return [];
}
