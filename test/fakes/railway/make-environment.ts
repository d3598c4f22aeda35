import type { Railway } from "./railway.ts";
import type { Environment } from "./world.ts";

interface Wanted {
  projectId: string;
  name: string;
  isEphemeral?: boolean;
  isFork?: boolean;
  /** Of one that comes with its project, whose lag is enough. */
  visibleAt?: number;
}

export function makeEnvironment(railway: Railway, wanted: Wanted): Environment {
  const environment = { ...railway.newItem(), isEphemeral: false, isFork: false, ...wanted };
  railway.world.environments.set(environment.id, environment);
  return environment;
}
