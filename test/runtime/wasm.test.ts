import { describe, expect, test } from "vitest";
import { MemoryError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/storage.ts";
import type { Program } from "../../src/lower/loop-ir.ts";
import { planMemory } from "../../src/lower/memory.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { WasmEngine } from "../../src/runtime/wasm-engine.ts";
import { WasmExecutable } from "../../src/runtime/wasm-executable.ts";
import { argsort, axpy, counter, f32, floats, increment, store } from "./programs.ts";

const MIB = 2 ** 20;

function engineOf(options: { threads?: number; memoryLimit?: number; residentLimit?: number } = {}): WasmEngine {
  const { threads = 1, memoryLimit = 2 ** 32, residentLimit = 2 ** 30 } = options;
  return new WasmEngine({ features: { relaxedMadd: false }, threads, memoryLimit, residentLimit });
}

function executable(engine: WasmEngine, program: Program): WasmExecutable {
  return new WasmExecutable(engine, program, planMemory(program, ["arg", "result", "temp"]), () => "", false);
}

describe("memory", () => {
  test("is flat over 10,000 runs, whatever becomes of the states", () => {
    const engine = engineOf({ residentLimit: MIB });
    const count = executable(engine, counter(100));
    const sum = executable(engine, axpy(100));
    let state: Storage | undefined = store(new Float32Array(100));
    let size = 0;
    for (let i = 0; i < 10_000; i++) {
      const { results, states } = count.run([], [state]);
      state = states[0]!;
      if (i % 3 === 0) state.captured = true;
      if (i % 7 === 0) state = store(new Float32Array(100)); // the old one is dropped
      sum.run([results[0], state], []);
      if (i === 5000) size = engine.memory.bytes.length;
    }
    expect(engine.memory.bytes.length).toBe(size);
    expect(engine.residents.total).toBeLessThanOrEqual(MIB);
  });

  test("grows while views, states and constants stay right", () => {
    const engine = engineOf();
    const small = executable(engine, counter(10));
    const state = store(new Float32Array(10));
    for (let n = 1 << 10; n <= 1 << 22; n *= 4) {
      small.run([], [state]);
      const x = store(new Float32Array(n).fill(1));
      const [out] = executable(engine, axpy(n)).run([x, x], []).results;
      expect(new Float32Array(out.bytes().buffer)[n - 1]).toBe(3);
    }
    expect(floats(state)).toEqual(new Array(10).fill(7));
  });

  test("beyond 2 GiB is addressed as unsigned", () => {
    const engine = engineOf();
    engine.residents.allocate(2 ** 31 + MIB, "test"); // never touched, so it costs no memory
    const run = executable(engine, counter(1000));
    const state = store(new Float32Array(1000).fill(3));
    run.run([], [state]);
    run.run([], [state]);
    expect(engine.residents.find(state)!.address).toBeGreaterThan(2 ** 31);
    expect(floats(state)).toEqual(new Array(1000).fill(5));
    const x = f32(1, 2, 3);
    expect(floats(executable(engine, axpy(3)).run([x, x], []).results[0])).toEqual([3, 6, 9]);
    const keys = Uint32Array.from({ length: 100 }, (_, i) => 100 - i);
    const [order] = executable(engine, argsort(1, 100)).run([store(keys)], []).results;
    expect(new Int32Array(order.bytes().buffer)[0]).toBe(99);
  });

  test("has a limit, which an error names, and goes on below it", () => {
    const engine = engineOf({ memoryLimit: 8 * MIB });
    const big = store(new Float32Array(MIB));
    const run = executable(engine, axpy(MIB));
    expect(() => run.run([big, big], [])).toThrow(MemoryError);
    expect(() => run.run([big, big], [])).toThrow(/12\.0 MiB.*limit of 8\.0 MiB.*CHAINRULE_MEMORY_LIMIT/);
    expect(floats(executable(engine, axpy(1)).run([f32(1), f32(2)], []).results[0])).toEqual([4]);
  });

  test("evicts the states that were used least recently, and brings them back", () => {
    const n = MIB / 4; // 1 MiB each
    const engine = engineOf({ residentLimit: 3 * MIB });
    const run = executable(engine, increment(n));
    const states = Array.from({ length: 6 }, (_, i) => store(new Float32Array(n).fill(10 * i)));
    for (let round = 0; round < 3; round++) {
      for (const state of states) run.run([], [state]);
      expect(engine.residents.total).toBe(3 * MIB);
    }
    expect(states.map((state) => engine.residents.find(state) !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    for (const [i, state] of states.entries()) expect(new Float32Array(state.bytes().buffer)[n - 1]).toBe(10 * i + 3);
  });

  test("is taken from states when the limit is reached", () => {
    const n = MIB / 4;
    const engine = engineOf({ memoryLimit: 8 * MIB });
    const run = executable(engine, increment(n));
    const states = Array.from({ length: 12 }, () => store(new Float32Array(n)));
    for (const state of states) run.run([], [state]);
    for (const state of states) expect(new Float32Array(state.bytes().buffer)[0]).toBe(1);
  });

  test("keeps a large argument that comes again, until it is needed for something else", () => {
    const n = MIB / 4;
    const engine = engineOf({ memoryLimit: 16 * MIB });
    const run = executable(engine, axpy(n));
    const x = store(new Float32Array(n).fill(1));
    const y = store(new Float32Array(n).fill(2));
    for (let i = 0; i < 3; i++) {
      expect(new Float32Array(run.run([x, y], []).results[0].bytes().buffer)[n - 1]).toBe(4);
      expect(engine.residents.find(x) !== undefined).toBe(i > 0);
    }
    expect(x.resident!.dirty).toBe(false);
  });

  test("keeps large results where the next program finds them, and their bytes when others need the place", () => {
    const n = MIB / 4;
    const engine = engineOf({ memoryLimit: 16 * MIB });
    const run = executable(engine, axpy(n));
    const one = store(new Float32Array(n).fill(1));
    const results: Storage[] = [one];
    for (let i = 0; i < 40; i++) {
      results.push(run.run([results[i], one], []).results[0]);
      expect(engine.residents.find(results[i + 1])).toBeDefined();
    }
    expect(engine.residents.find(results[1])).toBeUndefined();
    for (const [i, result] of results.entries()) {
      const values = new Float32Array(result.bytes().buffer);
      expect([values[0], values[n - 1]]).toEqual([2 ** (i + 1) - 1, 2 ** (i + 1) - 1].map(Math.fround));
    }
  });

  test("does not keep what nobody has used for long, though the collector is silent", () => {
    const n = MIB;
    const engine = engineOf();
    const run = executable(engine, axpy(n));
    const one = store(new Float32Array(n).fill(1));
    const [kept] = run.run([one, one], []).results;
    for (let i = 0; i < 200; i++) run.run([one, one], []);
    expect(engine.residents.total).toBeLessThan(320 * MIB);
    expect(engine.residents.find(one)).toBeDefined();
    expect(engine.residents.find(kept)).toBeUndefined();
    expect(new Float32Array(kept.bytes().buffer)[n - 1]).toBe(3);
  });

  test("is given back by programs that are not used", () => {
    const engine = engineOf();
    const runs = Array.from({ length: 600 }, (_, i) => executable(engine, axpy(1 + (i % 5))));
    const use = (): void => {
      for (const [i, run] of runs.entries()) {
        const x = store(new Float32Array(1 + (i % 5)).fill(i));
        expect(floats(run.run([x, x], []).results[0])[0]).toBe(3 * i);
      }
    };
    use();
    const { used } = engine.memory;
    use();
    expect(engine.memory.used).toBe(used);
  });
});

test("a program shows what became of it", () => {
  const { loops, source, memory } = wasmDevice({ threads: 1 }).load(axpy(5)).inspect();
  expect(loops).toContain("for i < 5");
  expect(source).toMatch(/phase 0: loops b2: 5 iterations by one thread, \d+ bytes/);
  expect(memory).toContain("arena:");
});
