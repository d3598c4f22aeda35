locals {
  environment_id = railway_project.federation.default_environment.id
  regions        = var.region == null ? null : [{ region = var.region }]

  # Sensitive values may not decide how many there are of a thing; that they are set is no secret.
  has_control_plane = nonsensitive(var.database_url != null)
  has_release       = nonsensitive(var.database_administrator_url != null)
  has_postgres      = nonsensitive(var.postgres_password != null)

  domain = var.custom_domain != null ? var.custom_domain : join("", railway_service_domain.web[*].domain)

  control_plane = {
    FEDERATION_ENV                      = var.environment
    PUBLIC_URL                          = "https://${local.domain}"
    HOSTS                               = join(",", var.hosts)
    DATABASE_URL                        = var.database_url
    DATABASE_GATEWAY_URL                = var.database_gateway_url
    FEDERATION_KEK                      = var.kek
    RAILWAY_DEPLOYMENT_DRAINING_SECONDS = "15"
  }

  web = merge(var.settings, var.secret_settings, local.control_plane, {
    PORT = "3000"
  })

  # Railway mounts volumes for root only.
  worker = merge(var.settings, var.secret_settings, local.control_plane, {
    COMMAND            = "bun jobs/worker.ts"
    DATABASE_ADMIN_URL = var.database_provisioner_url
    RAILWAY_RUN_UID    = "0"
  })

  release = merge(local.control_plane, {
    COMMAND            = "bun src/cli/main.ts migrate"
    DATABASE_ADMIN_URL = var.database_administrator_url
  })

  postgres = {
    POSTGRES_DB          = "federation"
    POSTGRES_PASSWORD    = var.postgres_password
    POSTGRES_INITDB_ARGS = "--auth-local=scram-sha-256 --auth-host=scram-sha-256 --set=max_connections=200"
  }
}

resource "railway_project" "federation" {
  name           = var.project_name
  description    = "Control plane of Federation, ${var.environment}"
  workspace_id   = var.workspace_id
  private        = true
  has_pr_deploys = false

  default_environment = {
    name = var.environment
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "railway_service" "web" {
  count = local.has_control_plane ? 1 : 0

  name                           = "web"
  project_id                     = railway_project.federation.id
  source_image                   = var.source_image
  source_image_registry_username = try(var.registry.username, null)
  source_image_registry_password = try(var.registry.password, null)
  regions                        = local.regions
}

resource "railway_service_domain" "web" {
  count = local.has_control_plane ? 1 : 0

  subdomain      = var.subdomain
  service_id     = railway_service.web[0].id
  environment_id = local.environment_id
}

resource "railway_custom_domain" "web" {
  count = local.has_control_plane && var.custom_domain != null ? 1 : 0

  domain         = var.custom_domain
  service_id     = railway_service.web[0].id
  environment_id = local.environment_id
  target_port    = 3000
}

resource "railway_variable_collection" "web" {
  count = local.has_control_plane ? 1 : 0

  service_id     = railway_service.web[0].id
  environment_id = local.environment_id
  variables      = [for name, value in local.web : { name = name, value = value }]
}

# What departments left behind and the audit's checkpoints are on its volume.
resource "railway_service" "worker" {
  count = local.has_control_plane ? 1 : 0

  name                           = "worker"
  project_id                     = railway_project.federation.id
  source_image                   = var.source_image
  source_image_registry_username = try(var.registry.username, null)
  source_image_registry_password = try(var.registry.password, null)
  regions                        = local.regions

  volume = {
    name       = "worker-data"
    mount_path = "/data"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "railway_variable_collection" "worker" {
  count = local.has_control_plane ? 1 : 0

  service_id     = railway_service.worker[0].id
  environment_id = local.environment_id
  variables      = [for name, value in local.worker : { name = name, value = value }]
}

resource "railway_service" "release" {
  count = local.has_release ? 1 : 0

  name                           = "release"
  project_id                     = railway_project.federation.id
  source_image                   = var.source_image
  source_image_registry_username = try(var.registry.username, null)
  source_image_registry_password = try(var.registry.password, null)
  regions                        = local.regions
}

resource "railway_variable_collection" "release" {
  count = local.has_release ? 1 : 0

  service_id     = railway_service.release[0].id
  environment_id = local.environment_id
  variables      = [for name, value in local.release : { name = name, value = value }]
}

resource "railway_service" "postgres" {
  count = local.has_postgres ? 1 : 0

  name         = "postgres"
  project_id   = railway_project.federation.id
  source_image = var.postgres_image
  regions      = local.regions

  volume = {
    name       = "postgres-data"
    mount_path = "/var/lib/postgresql"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "railway_variable_collection" "postgres" {
  count = local.has_postgres ? 1 : 0

  service_id     = railway_service.postgres[0].id
  environment_id = local.environment_id
  variables      = [for name, value in local.postgres : { name = name, value = value }]
}

resource "railway_tcp_proxy" "postgres" {
  count = var.postgres_proxy ? 1 : 0

  application_port = 5432
  service_id       = railway_service.postgres[0].id
  environment_id   = local.environment_id
}
