// What a line of the docs needs before it can be run: a value for each <placeholder>, and the state it speaks of.
import { ofGuides } from "./prepared/guides.ts";
import { ofOurMachines } from "./prepared/our-machines.ts";
import { ofPages } from "./prepared/pages.ts";
import { ofRunbooks } from "./prepared/runbooks.ts";
import type { PreparedLine } from "./prepared-line.ts";

export const prepared: readonly PreparedLine[] = [...ofPages, ...ofGuides, ...ofOurMachines, ...ofRunbooks];
