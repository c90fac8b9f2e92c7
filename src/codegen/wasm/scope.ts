/** A kernel's scopes, whose registers are a function's locals. */

import { Scope as AnyScope } from "../scope.ts";
import type { FunctionBuilder, Local } from "./assembler.ts";

export class Scope extends AnyScope<Local> {
  readonly #f: FunctionBuilder;

  /** `writes`: the buffers that the kernel writes */
  constructor(f: FunctionBuilder, writes: readonly number[]) {
    super(writes);
    this.#f = f;
  }

  override open(body: () => void): void {
    super.open(() => this.#f.scope(body));
  }

  /** A register for what is on the stack, kept for as long as the innermost scope is open. */
  keep(key: string, type: "v128" | "i32"): Local {
    const register = this.#f.local(type);
    this.remember(key, register);
    return register;
  }
}
