import type { Tensor } from "../../src/index.ts";
export async function trajectory(
  _op: string,
  _options: object,
  _inputs: readonly Tensor[],
  _steps: number,
): Promise<Tensor[]> {
  throw new Error("later");
}
