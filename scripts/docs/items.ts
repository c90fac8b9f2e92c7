/** What a room offers, as its source says it: names, docstrings and options. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "rolldown/utils";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** A public function or class. */
export interface Item {
  readonly name: string;
  readonly isClass: boolean;
  /** the docstring, without its stars */
  readonly doc: string;
  /** names of its options, sorted */
  readonly options: readonly string[];
  /** of src */
  readonly file: string;
}

/** The syntax tree, as far as it is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Declared {
  /** names of members, and of the types that it extends */
  readonly members: readonly string[];
  readonly parents: readonly Node[];
}

interface Source {
  readonly file: string;
  readonly statements: readonly Node[];
  readonly docs: readonly { readonly end: number; readonly text: string }[];
}

const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value : value ? [value as Node] : []) as Node[];
const nameOf = (node: unknown): string => String((node as { name?: string } | undefined)?.name ?? "");

function parse(file: string): Source {
  const text = readFileSync(join(SRC, file), "utf8");
  const { program, comments } = parseSync(file, text);
  const docs = comments
    .filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .map(({ end, value }) => ({
      end,
      text: value
        .replace(/^ *\*+ ?/gm, "")
        .replace(/\{@link (\w+)\}/g, "`$1`")
        .trim(),
    }));
  return { file, statements: program.body as unknown as Node[], docs };
}

/** By room, every interface and type that options are made of. */
const declared: ReadonlyMap<string, ReadonlyMap<string, Declared>> = new Map(
  ["nn", "optim", "data", "train", "tensor", "vision", "metrics", "text", "audio", "io"].map((room) => [
    room,
    new Map(filesOf(room).flatMap((file) => parse(file).statements.flatMap(declarations))),
  ]),
);

/** What a name means in a file: two rooms may have types of one name. */
function declaredIn(file: string, name: string): Declared | undefined {
  const own = declared.get(file.split("/")[0])?.get(name);
  return own ?? [...declared.values()].find((room) => room.has(name))?.get(name);
}

function filesOf(folder: string): string[] {
  if (folder.endsWith(".ts")) return [folder];
  return readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith("index.ts"))
    .map((name) => join(folder, name))
    .sort();
}

function declarations(statement: Node): [string, Declared][] {
  const node = (statement["declaration"] ?? statement) as Node;
  if (node.type === "TSInterfaceDeclaration") {
    const body = (node["body"] as Node)["body"];
    return [[nameOf(node["id"]), { members: membersOf(nodes(body)), parents: nodes(node["extends"]) }]];
  }
  if (node.type === "TSTypeAliasDeclaration") {
    return [[nameOf(node["id"]), { members: [], parents: [node["typeAnnotation"] as Node] }]];
  }
  return [];
}

function membersOf(members: readonly Node[]): string[] {
  return members.filter(({ type }) => type === "TSPropertySignature").map((member) => nameOf(member["key"]));
}

/** "a" | "b" as a list. */
function stringsOf(type: Node): string[] {
  const parts = type.type === "TSUnionType" ? nodes(type["types"]) : [type];
  return parts.map((part) => String((part["literal"] as Node)["value"]));
}

/** The options that a type in a file has. */
function optionsOf(file: string, type: Node | undefined): string[] {
  if (!type) return [];
  if (type.type === "TSTypeLiteral") return membersOf(nodes(type["members"]));
  if (type.type === "TSIntersectionType") return nodes(type["types"]).flatMap((part) => optionsOf(file, part));
  const name = nameOf(type["typeName"] ?? type["expression"] ?? type);
  const [inner, chosen] = nodes((type["typeArguments"] as Node | undefined)?.["params"]);
  if (name === "Partial" || name === "Required") return optionsOf(file, inner);
  if (name === "Omit") return optionsOf(file, inner).filter((option) => !stringsOf(chosen).includes(option));
  if (name === "Pick") return stringsOf(chosen);
  const found = declaredIn(file, name);
  if (!found || !/Options$/.test(name)) return [];
  return [...found.members, ...found.parents.flatMap((parent) => optionsOf(file, parent))];
}

/** The options that the last of some parameters has. */
function lastOptions(file: string, params: readonly Node[]): string[] {
  const last = params.at(-1);
  const target = (last?.type === "AssignmentPattern" ? last["left"] : last) as Node | undefined;
  return optionsOf(file, (target?.["typeAnnotation"] as Node | undefined)?.["typeAnnotation"] as Node | undefined);
}

function classOptions(file: string, node: Node): string[] {
  const members = nodes((node["body"] as Node)["body"]);
  const own = members.find((member) => member["kind"] === "constructor");
  if (own) return lastOptions(file, nodes((own["value"] as Node)["params"]));
  return nodes((node["superTypeArguments"] as Node | undefined)?.["params"]).flatMap((type) => optionsOf(file, type));
}

/** The functions and classes in a folder of src, or a file, that have one of the public names. */
export function itemsOf(folder: string, isPublic: (name: string) => boolean): Item[] {
  return filesOf(folder).flatMap((file) => {
    const { statements, docs } = parse(file);
    return statements.flatMap((statement): Item[] => {
      const node = statement["declaration"] as Node | undefined;
      if (statement.type !== "ExportNamedDeclaration" || !node) return [];
      const isClass = node.type === "ClassDeclaration";
      if ((!isClass && node.type !== "FunctionDeclaration") || node["abstract"]) return [];
      if (!isPublic(nameOf(node["id"]))) return [];
      const options = isClass ? classOptions(file, node) : lastOptions(file, nodes(node["params"]));
      const doc = docs.findLast(({ end }) => end <= statement.start && statement.start - end < 3)?.text ?? "";
      return [{ name: nameOf(node["id"]), isClass, doc, options: [...new Set(options)].sort(), file }];
    });
  });
}
