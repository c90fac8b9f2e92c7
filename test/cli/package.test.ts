import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { shell, workplace } from "./command.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DEPENDENCIES = ["cli-progress", "commander", "jiti", "jpeg-js", "picocolors", "pngjs", "string-width"];

/** A project into which the packed package was installed, as npm would, but from here. */
let project: string;
beforeAll(() => {
  project = workplace();
  const modules = join(project, "node_modules");
  const home = join(modules, "chainrule");
  mkdirSync(home, { recursive: true });
  mkdirSync(join(modules, ".bin"));
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], { cwd: ROOT });
  const archive = readdirSync(project).find((name) => name.endsWith(".tgz"))!;
  execFileSync("tar", ["-xzf", join(project, archive), "-C", home, "--strip-components=1"]);
  for (const name of DEPENDENCIES) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  execFileSync("chmod", ["+x", join(home, "dist/cli/main.js")]);
  symlinkSync("../chainrule/dist/cli/main.js", join(modules, ".bin/chainrule"));
});

it("trains a project's own recipe, and prints commands under the name that it was called by", async () => {
  const call = 'PATH="$PWD/node_modules/.bin:$PATH" chainrule train ./tiny.ts --epochs 1';
  const trained = await shell(project, `npm_command= ${call}`);
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stdout).toContain("\n  chainrule predict node_modules/chainrule/samples/drawing.png\n");
  expect(trained.stdout).toContain("\n  chainrule eval runs/tiny-001\n");
  expect((await shell(project, `npm_command=exec ${call}`)).stdout).toContain("\n  npx chainrule eval runs/tiny-002\n");
});

it("finds the recipes and samples that it ships, without the packages that only development needs", async () => {
  const summary = await shell(project, "node_modules/.bin/chainrule summary mnist-mlp");
  expect(summary).toMatchObject({ code: 0, stderr: "" });
  const offline = await shell(
    project,
    "CHAINRULE_OFFLINE=1 XDG_CACHE_HOME=$PWD node_modules/.bin/chainrule train mnist-mlp",
  );
  expect(offline).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error[E_DATA] MNIST is not here (no train-images-idx3-ubyte in "),
  });
});

it("has declarations that the strictest compiler takes", async () => {
  const rooms = ["nn", "optim", "metrics", "data", "io", "vision", "train"];
  const lines = rooms.map((room) => `export * as ${room} from "chainrule/${room}";\n`);
  writeFileSync(join(project, "all.ts"), ['export * from "chainrule";\n', ...lines].join(""));
  const options = "--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --module nodenext --noEmit";
  const types = `--types node --typeRoots ${join(ROOT, "node_modules/@types")}`;
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const { code, stdout } = await shell(project, `${process.execPath} ${compiler} ${options} ${types} all.ts`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});
