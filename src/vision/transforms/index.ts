export type { Example, ExampleSource } from "./example.ts";
