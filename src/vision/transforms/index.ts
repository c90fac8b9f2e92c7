export type { Example, ExampleSource } from "./example.ts";
export { Random } from "./random.ts";
