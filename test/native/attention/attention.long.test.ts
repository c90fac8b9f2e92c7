import { here, machines } from "../../codegen/c-machines.ts";
import { checkMachines } from "./machines.ts";

checkMachines(machines, here.slice(0, 1));
