import { readMove } from "../../src/departments/move-input.ts";
import { atPlace } from "../../src/provisioning/places.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";
import { destroyHost } from "./delete-host.ts";
import { hostProject } from "./host-project.ts";
import { stopSeconds } from "./stop.ts";

/** The place on the new host; its undo, the last one, takes away whatever the move made there. */
export const moveProject: JobStep = {
  deadlineSeconds: stopSeconds,
  run: (ctx) => hostProject.run(atNewPlace(ctx)),
  undo: (ctx) => destroyHost(atNewPlace(ctx)),
};

export const atNewPlace = (ctx: JobContext): JobContext => atPlace(ctx, readMove(ctx.run.input).to);
