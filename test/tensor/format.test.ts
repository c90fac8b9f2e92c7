import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { arange, compile, Parameter, type Tensor, tensor, zeros } from "../../src/index.ts";
import { PRINTED } from "./printed.ts";

describe("tensors print as in PyTorch", () => {
  test.each(PRINTED)("%s", (source, printed) => {
    const make = new Function("tensor", "zeros", "arange", `return ${source}`) as (...f: unknown[]) => Tensor;
    expect(make(tensor, zeros, arange).toString()).toBe(printed);
  });

  test("console.log and string templates show the numbers", () => {
    expect(inspect(tensor([1]))).toBe("tensor([1.])");
    expect(`${tensor([1])}`).toBe("tensor([1.])");
  });

  test("a parameter says that it is one", () => {
    expect(new Parameter(tensor([1])).toString()).toBe("Parameter containing:\ntensor([1.], requiresGrad=true)");
  });

  test("inside compile there are no numbers to show", () => {
    let text = "";
    compile((x: Tensor) => {
      text = x.toString();
      return x;
    })(tensor([1, 2]));
    expect(text).toBe("tensor(traced, size=(2,), dtype=f32)");
  });
});
