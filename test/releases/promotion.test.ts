import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestDepartment } from "../http/edge.ts";
import { type RolloutsWorld, rolloutsWorld } from "../rollouts/world.ts";

let staging: RolloutsWorld;
let production: RolloutsWorld;
let departments: TestDepartment[];
beforeAll(async () => {
  staging = await rolloutsWorld({ FEDERATION_ENV: "staging" });
  production = await rolloutsWorld({ FEDERATION_ENV: "development" });
  departments = await staging.addDepartments(2);
}, 60_000);
afterAll(() => Promise.all([staging.close(), production.close()]));
