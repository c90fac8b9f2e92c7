import { describe, test } from "vitest";
import { machines, SANITIZE } from "../codegen/c-machines.ts";
import { checkCorpus } from "./c.ts";

describe("the corpus as C", () => {
  test.each(machines)("by $command for $name", (machine) => checkCorpus(machine, ["-O2"]));

  const narrow = machines.filter(({ target, emulator }) => target.vectorBytes === 16 && !emulator);
  test.each(narrow)("by $command for $name, under sanitizers", (machine) => checkCorpus(machine, SANITIZE));
});
