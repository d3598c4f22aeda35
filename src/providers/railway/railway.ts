// What Federation asks of Railway's public GraphQL API, in its terms; the queries are in operations.ts.

/**
 * Every call waits for its turn in the budgets of its token: short waits are waited out, longer ones throw a WaitError.
 * It throws a RailwayError otherwise, whose `kind` says what to do; `ambiguous` = it may have been carried out.
 */
export interface RailwayClient {
  /** Of all tokens, those given in the configuration only; asked once and remembered. */
  listWorkspaces(call: RailwayCall): Promise<RailwayWorkspace[]>;
  /** All that are not deleted. */
  listProjects(workspaceId: string, call: RailwayCall): Promise<RailwayProject[]>;
  /** Undefined when it is gone, deleted or not ours to see. */
  findProject(projectId: string, call: RailwayCall): Promise<RailwayProject | undefined>;
  /** Takes a place in the workspace's line of creations first. */
  createProject(input: NewProject, call: RailwayCall): Promise<RailwayProject>;
  /** At once, or after Railway's 48 hours of grace; what is gone already is fine. */
  deleteProject(projectId: string, when: "now" | "scheduled", call: RailwayCall): Promise<void>;
  /** Empty: without a source nothing is deployed. Throws kind `exists` where the project has one of that name. */
  createService(input: NewService, call: RailwayCall): Promise<RailwayService>;
  findServiceInstance(at: ServicePlace, call: RailwayCall): Promise<RailwayServiceInstance | undefined>;
  /** Changes only what is given; nothing is deployed by it. */
  updateServiceInstance(at: ServicePlace, patch: ServiceInstancePatch, call: RailwayCall): Promise<void>;
  setLimits(at: ServicePlace, limits: { memoryGb: number; vcpus: number }, call: RailwayCall): Promise<void>;
  /** What the service has, also what Railway adds; undefined when there is no such service. Holds secrets. */
  readVariables(at: ServicePlace, call: RailwayCall): Promise<Record<string, string> | undefined>;
  /** All variables of the service in one call, others removed, nothing deployed. */
  setVariables(at: ServicePlace, variables: Record<string, string>, call: RailwayCall): Promise<void>;
  /** Deploys the instance as it is now; answers the deployment's id. */
  deploy(at: ServicePlace, call: RailwayCall): Promise<string>;
  findDeployment(deploymentId: string, call: RailwayCall): Promise<RailwayDeployment | undefined>;
  /** Newest first. */
  listDeployments(at: ServicePlace, first: number, call: RailwayCall): Promise<RailwayDeployment[]>;
  /** Runs an earlier deployment again, image and variables as they were; a new deployment appears in the list. */
  rollbackDeployment(deploymentId: string, call: RailwayCall): Promise<void>;
  /** Starts the processes of a deployment that is live, or crashed, anew; it stays the same deployment. */
  restartDeployment(deploymentId: string, call: RailwayCall): Promise<void>;
  /** Takes a deployment off; what is gone already is fine. */
  removeDeployment(deploymentId: string, call: RailwayCall): Promise<void>;
  listLogLines(deploymentId: string, limit: number, call: RailwayCall): Promise<string[]>;
  listDomains(at: ServicePlace, call: RailwayCall): Promise<RailwayDomain[]>;
  createDomain(at: ServicePlace, targetPort: number, call: RailwayCall): Promise<RailwayDomain>;
  /** Of a project between two instants, as Railway bills it. */
  readUsage(projectId: string, period: { from: Date; to: Date }, call: RailwayCall): Promise<RailwayUsage[]>;
}

export interface RailwayCall {
  /** Who stands in line: a department's id. */
  holder: string;
  /** Chooses the token that reaches it; the first one where it is left out. */
  workspaceId?: string;
  signal: AbortSignal;
}

export interface RailwayWorkspace {
  id: string;
  name: string;
}

export interface NewProject {
  workspaceId: string;
  name: string;
  description: string;
  environmentName: string;
}

export interface RailwayProject {
  id: string;
  name: string;
  description: string | null;
  workspaceId: string | null;
  createdAt: string;
  environments: { id: string; name: string }[];
  services: { id: string; name: string }[];
}

export interface NewService {
  projectId: string;
  environmentId: string;
  name: string;
}

export interface RailwayService {
  id: string;
  name: string;
}

/** A service in an environment. */
export interface ServicePlace {
  projectId: string;
  environmentId: string;
  serviceId: string;
}

export interface ServiceInstancePatch {
  source?: { image: string };
  healthcheckPath?: string;
  /** Seconds. */
  healthcheckTimeout?: number;
  drainingSeconds?: number;
  overlapSeconds?: number;
  numReplicas?: number;
  region?: string;
  restartPolicyType?: "ALWAYS" | "NEVER" | "ON_FAILURE";
  restartPolicyMaxRetries?: number;
}

export interface RailwayServiceInstance {
  image: string | null;
  healthcheckPath: string | null;
  numReplicas: number | null;
  region: string | null;
}

export type DeploymentStatus =
  | "BUILDING"
  | "CRASHED"
  | "DEPLOYING"
  | "FAILED"
  | "INITIALIZING"
  | "NEEDS_APPROVAL"
  | "QUEUED"
  | "REMOVED"
  | "REMOVING"
  | "SKIPPED"
  | "SLEEPING"
  | "SUCCESS"
  | "WAITING";

export interface RailwayDeployment {
  id: string;
  status: DeploymentStatus;
  createdAt: string;
  /** Its process ended, or somebody stopped it. */
  isStopped: boolean;
  canRollback: boolean;
}

export interface RailwayDomain {
  id: string;
  domain: string;
  targetPort: number | null;
}

export interface RailwayUsage {
  measurement: "CPU_USAGE" | "MEMORY_USAGE_GB" | "NETWORK_TX_GB" | "DISK_USAGE_GB";
  /** vCPU-minutes, GB-minutes, GB, GB-minutes. */
  value: number;
}
