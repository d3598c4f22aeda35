// Everything that is asked of Railway, each named after the one field it asks for. Nothing is selected that Railway
// fails to answer: `service` of a deployment or a volume, `workspace` and `members` of a deleted project.

const project = `id name description workspaceId createdAt deletedAt
  environments { edges { node { id name deletedAt } } }
  services { edges { node { id name deletedAt } } }`;
const deployment = "id status createdAt deploymentStopped canRollback";
const domain = "id domain targetPort syncStatus deletedAt";

const queries = {
  apiToken: "query apiToken { apiToken { workspaces { id name } } }",
  projectToken: "query projectToken { projectToken { projectId environmentId } }",
  projects: `query projects($workspaceId: String!, $first: Int!, $after: String) {
    projects(workspaceId: $workspaceId, first: $first, after: $after) {
      edges { cursor node { ${project} } } pageInfo { hasNextPage } } }`,
  project: `query project($id: String!) { project(id: $id) { ${project} } }`,
  serviceInstance: `query serviceInstance($serviceId: String!, $environmentId: String!) {
    serviceInstance(serviceId: $serviceId, environmentId: $environmentId) {
      source { image } healthcheckPath numReplicas region } }`,
  variables: `query variables($projectId: String!, $environmentId: String!, $serviceId: String!) {
    variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true) }`,
  deployment: `query deployment($id: String!) { deployment(id: $id) { ${deployment} } }`,
  deployments: `query deployments($input: DeploymentListInput!, $first: Int!) {
    deployments(input: $input, first: $first) { edges { node { ${deployment} } } } }`,
  deploymentLogs: `query deploymentLogs($deploymentId: String!, $limit: Int!) {
    deploymentLogs(deploymentId: $deploymentId, limit: $limit) { timestamp message } }`,
  domains: `query domains($projectId: String!, $environmentId: String!, $serviceId: String!) {
    domains(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) {
      serviceDomains { ${domain} } } }`,
  usage: `query usage($projectId: String!, $measurements: [MetricMeasurement!]!, $startDate: DateTime!, $endDate: DateTime!) {
    usage(projectId: $projectId, measurements: $measurements, startDate: $startDate, endDate: $endDate) {
      measurement value } }`,
} as const;

const mutations = {
  projectCreate: `mutation projectCreate($input: ProjectCreateInput!) { projectCreate(input: $input) { ${project} } }`,
  projectDelete: "mutation projectDelete($id: String!) { projectDelete(id: $id) }",
  projectScheduleDelete: "mutation projectScheduleDelete($id: String!) { projectScheduleDelete(id: $id) }",
  serviceCreate:
    "mutation serviceCreate($input: ServiceCreateInput!) { serviceCreate(input: $input) { id name } }",
  serviceInstanceUpdate: `mutation serviceInstanceUpdate(
    $serviceId: String!, $environmentId: String!, $input: ServiceInstanceUpdateInput!) {
    serviceInstanceUpdate(serviceId: $serviceId, environmentId: $environmentId, input: $input) }`,
  serviceInstanceLimitsUpdate: `mutation serviceInstanceLimitsUpdate($input: ServiceInstanceLimitsUpdateInput!) {
    serviceInstanceLimitsUpdate(input: $input) }`,
  variableCollectionUpsert: `mutation variableCollectionUpsert($input: VariableCollectionUpsertInput!) {
    variableCollectionUpsert(input: $input) }`,
  serviceInstanceDeployV2: `mutation serviceInstanceDeployV2($serviceId: String!, $environmentId: String!) {
    serviceInstanceDeployV2(serviceId: $serviceId, environmentId: $environmentId) }`,
  deploymentRollback: "mutation deploymentRollback($id: String!) { deploymentRollback(id: $id) }",
  deploymentRestart: "mutation deploymentRestart($id: String!) { deploymentRestart(id: $id) }",
  deploymentRemove: "mutation deploymentRemove($id: String!) { deploymentRemove(id: $id) }",
  serviceDomainCreate: `mutation serviceDomainCreate($input: ServiceDomainCreateInput!) {
    serviceDomainCreate(input: $input) { ${domain} } }`,
} as const;

/** GraphQL documents by the name of the operation. */
export const railwayOperations = { ...queries, ...mutations };

export type OperationName = keyof typeof railwayOperations;

export const isMutation = (name: OperationName) => name in mutations;
