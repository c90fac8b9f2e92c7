import { expect, test } from "vitest";
import { chainrule, workplace } from "./command.ts";

test("every optimizer trains the perceptron to 97 %, each in the regime that it is made for", async () => {
  const { stdout } = await chainrule(workplace(), ["compare-optimizers", "--json"]);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const optimizers = events.filter(({ event }) => event === "optimizer");
  console.log(
    optimizers.map(({ name, accuracy, seconds }) => `${name} ${accuracy} ${seconds.toFixed(1)} s`).join("\n"),
  );
  expect(optimizers).toHaveLength(19);
  expect(optimizers.filter(({ accuracy }) => accuracy < 0.97).map(({ name }) => name)).toEqual([]);
});
