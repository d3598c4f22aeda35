/** A resource or a nested object: what has to be set, what may be, what can only be read; objects inside by name. */
export interface Shape {
  required: readonly string[];
  optional: readonly string[];
  computed: readonly string[];
  inside?: Readonly<Record<string, Shape>>;
}

const shape = (required: string[], optional: string[], computed: string[], inside = {}): Shape => ({
  required,
  optional,
  computed,
  inside,
});

/** Every resource of terraform-community-providers/railway 0.6.2, after docs/resources of its repository at v0.6.2. */
export const railwayProvider: Readonly<Record<string, Shape>> = {
  railway_project: shape(
    ["name"],
    ["description", "workspace_id", "private", "has_pr_deploys", "default_environment"],
    ["id"],
    { default_environment: shape([], ["name"], ["id"]) },
  ),
  railway_environment: shape(["name", "project_id"], [], ["id"]),
  railway_service: shape(
    ["name", "project_id"],
    [
      ...["source_image", "source_image_registry_username", "source_image_registry_password"],
      ...["source_repo", "source_repo_branch", "root_directory", "config_path", "cron_schedule"],
      ...["regions", "volume"],
    ],
    ["id"],
    {
      regions: shape([], ["region", "num_replicas"], []),
      volume: shape(["name", "mount_path"], [], ["id", "size"]),
    },
  ),
  railway_variable: shape(["name", "value", "service_id", "environment_id"], [], ["id", "project_id"]),
  railway_variable_collection: shape(
    ["service_id", "environment_id", "variables"],
    [],
    ["id", "project_id"],
    { variables: shape(["name", "value"], [], []) },
  ),
  railway_shared_variable: shape(["project_id", "environment_id", "name", "value"], [], ["id"]),
  railway_service_domain: shape(
    ["subdomain", "service_id", "environment_id"],
    [],
    ["id", "domain", "suffix", "project_id"],
  ),
  railway_custom_domain: shape(
    ["domain", "service_id", "environment_id"],
    ["target_port"],
    [
      ...["id", "project_id", "dns_record_value", "host_label", "zone"],
      ...["verification_host_label", "verification_record_value"],
    ],
  ),
  railway_tcp_proxy: shape(
    ["application_port", "service_id", "environment_id"],
    [],
    ["id", "domain", "proxy_port"],
  ),
};

/** Pairs of which the provider takes one (its `ConflictsWith`). */
export const conflicts: readonly (readonly [string, string])[] = [
  ["source_image", "source_repo"],
  ["source_image", "source_repo_branch"],
  ["source_image", "root_directory"],
  ["source_image", "config_path"],
];
