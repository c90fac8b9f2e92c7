export { Dropout, type DropoutOptions, dropout } from "./dropout.ts";
