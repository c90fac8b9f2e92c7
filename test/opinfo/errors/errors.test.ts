/** Calls that PyTorch's own tests expect to be refused throw a typed error that names the operator and says what is wrong. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { ChainruleError, InternalError, setDevice, Tensor } from "../../../src/index.ts";
import { camelCase, OPERATORS } from "../operators.ts";
import { describeCall, filled, type Refused, refused, tensorsOf } from "./cases.ts";
import { ONLY_REFUSED } from "./operators.ts";

/** What chainrule accepts, by the reason; or what JavaScript refuses by itself. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(new URL("accepted.json", import.meta.url), "utf8"),
);
const reasons = new Map(Object.entries(ACCEPTED).flatMap(([reason, calls]) => calls.map((call) => [call, reason])));

/** The words for an operator where they are not PyTorch's in camelCase. */
const NAMES: Readonly<Record<string, string>> = {
  __rand__: "bitwiseAnd",
  __ror__: "bitwiseOr",
  __rxor__: "bitwiseXor",
  clamp_max: "clamp",
  clamp_min: "clamp",
  diagonal_copy: "diagonal",
  index_add: "indexAdd",
  narrow_copy: "narrow",
  "nn.BatchNorm1d": "batchNorm",
  "nn.BatchNorm2d": "batchNorm",
  "nn.BatchNorm3d": "batchNorm",
  "nn.CrossEntropyLoss": "crossEntropy",
  native_layer_norm: "layerNorm",
  reshape_as: "reshape",
  t_copy: "t()",
  unbind_copy: "unbind",
  view_as: "view",
  view_copy: "view",
};

const nameOf = (op: string): string => NAMES[op] ?? camelCase(op.replace(/^(nn\.functional|nn|linalg)\./, ""));

/** Runs the call and reads what it gives: an index out of range shows when it is computed. */
async function run(call: Refused): Promise<void> {
  const inputs = tensorsOf(call);
  const kwargs = Object.entries(call.kwargs).map(([name, value]) => [name, filled(value, inputs)]);
  const operator = ONLY_REFUSED[call.op] ?? OPERATORS[call.op];
  const results = [await operator(filled(call.args, inputs) as never[], Object.fromEntries(kwargs))];
  for (const result of results.flat(9)) if (result instanceof Tensor) await result.data();
}

const thrownBy = (call: Refused): Promise<Error | undefined> =>
  run(call).then(
    () => undefined,
    (error: Error) => error,
  );

beforeAll(() => setDevice("wasm"));

describe("calls that PyTorch refuses", () => {
  const operators = new Set(refused.map((call) => call.op));
  for (const op of operators) {
    test(op, async () => {
      for (const call of refused.filter((call) => call.op === op)) {
        const name = describeCall(call);
        const error = await thrownBy(call);
        const reason = reasons.get(name);
        if (reason !== undefined) {
          const expected = reason.startsWith("JavaScript itself") ? TypeError : undefined;
          expect.soft(error?.constructor, `${name} is on the list of what is accepted`).toBe(expected);
          continue;
        }
        expect.soft(error, name).toBeInstanceOf(ChainruleError);
        expect.soft(error, name).not.toBeInstanceOf(InternalError);
        const { message } = error ?? new Error();
        expect.soft(message.toLowerCase(), name).toContain(nameOf(op).toLowerCase());
        expect.soft(message, name).toMatch(/^\S.{20,}\.$/s);
      }
    });
  }

  test("are at least 400, and what is accepted is among them", () => {
    const names = new Set(refused.map(describeCall));
    expect([...reasons.keys()].filter((name) => !names.has(name))).toEqual([]);
    expect(refused.filter((call) => !reasons.has(describeCall(call))).length).toBeGreaterThanOrEqual(400);
  });
});
