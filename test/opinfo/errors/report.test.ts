import { writeFileSync } from "node:fs";
import { test } from "vitest";
import { ChainruleError, InternalError, Tensor, setDevice } from "../../../src/index.ts";
import { operatorOf } from "../check.ts";
import { describeCall, filled, refused, tensorsOf } from "./cases.ts";
import { ONLY_REFUSED } from "./operators.ts";

async function outcome(c: (typeof refused)[number]): Promise<string> {
  try {
    const inputs = tensorsOf(c);
    const kw = Object.fromEntries(Object.entries(c.kwargs).map(([k, v]) => [k, filled(v, inputs)]));
    const f = ONLY_REFUSED[c.op] ?? operatorOf(c.op);
    const r = await f(filled(c.args, inputs) as never[], kw);
    const read = async (x: unknown): Promise<string> => x instanceof Tensor ? (await x.data(), `${x.dtype}[${x.shape}]`) : Array.isArray(x) ? (await Promise.all(x.map(read))).join() : String(x);
    return `ACCEPTED ${await read(r)}`;
  } catch (e) {
    if (e instanceof ChainruleError && !(e instanceof InternalError)) return `ok ${e.name}: ${e.message}`;
    return `UNTYPED ${(e as Error).name}: ${(e as Error).message}`;
  }
}
test("report", async () => {
  setDevice("wasm");
  const lines = [];
  for (const c of refused) lines.push(`${describeCall(c)}\t${(await outcome(c)).replaceAll("\n", " ")}`);
  writeFileSync("/tmp/oi/out.txt", lines.join("\n"));
});
