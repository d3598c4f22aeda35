variable "environment" {
  description = "FEDERATION_ENV. Part of every sealed key: choose before the first apply."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "Has to be development, staging or production."
  }
}

variable "project_name" {
  description = "Name of the project on Railway."
  type        = string
  default     = "federation"
}

variable "workspace_id" {
  description = "Workspace of the project; needed where the token sees more than one."
  type        = string
  default     = null
}

variable "region" {
  description = "Where web, worker and Postgres run, such as europe-west4-drams3a. The provider does not move what exists."
  type        = string
  default     = null
}

variable "source_image" {
  description = "Image of the control plane, best by digest."
  type        = string
}

variable "registry" {
  description = "Login of the image's registry; Railway takes one on its Pro plan only."
  type        = object({ username = string, password = string })
  default     = null
  sensitive   = true
}

variable "subdomain" {
  description = "Web is at <subdomain>.up.railway.app."
  type        = string
}

variable "custom_domain" {
  description = "A domain of yours for web; PUBLIC_URL then. Tokens name it: choose before the first apply."
  type        = string
  default     = null
}

variable "database_url" {
  description = "Login federation_app, as `fed init` prints it. Web and worker are made once it is set."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.environment != "production" || can(regex("[?&]sslmode=verify-full(&|$)", coalesce(var.database_url, "?sslmode=verify-full")))
    error_message = "Production takes verified TLS only: sslmode=verify-full."
  }
}

variable "database_gateway_url" {
  description = "Login federation_gateway."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.database_gateway_url == null) == (var.database_url == null)
    error_message = "Belongs to database_url."
  }
}

variable "database_provisioner_url" {
  description = "Login federation_provisioner, for the worker only."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.database_provisioner_url == null) == (var.database_url == null)
    error_message = "Belongs to database_url."
  }
}

variable "database_administrator_url" {
  description = "An administrator's login, for the service `release`, which migrates. Unset: migrate before you apply."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.database_administrator_url == null || var.database_url != null
    error_message = "Belongs to database_url."
  }
}

variable "kek" {
  description = "FEDERATION_KEK, 32 bytes as hex or base64url. Keep a copy outside of Railway and of this state."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.kek == null ? var.database_url == null : can(regex("^([0-9a-fA-F]{64}|[A-Za-z0-9_-]{43}=?)$", var.kek))
    error_message = "Has to be 32 bytes as hex or base64url, and belongs to database_url."
  }
}

variable "hosts" {
  description = "Where departments run; the first is the default."
  type        = list(string)
  default     = ["railway"]
}

variable "settings" {
  description = "More variables of web and worker, by name, that are no secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("KEY|SECRET|PASSWORD|TOKEN|KEK", name))])
    error_message = "Keys, passwords and tokens belong into secret_settings."
  }
}

variable "secret_settings" {
  description = "More variables of web and worker, by name, that are secrets: of n8n, LiveKit, models, Railway."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "postgres_password" {
  description = "Superuser's password of a Postgres on Railway; unset: a Postgres elsewhere. Not for production."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.postgres_password == null || var.environment != "production"
    error_message = "Production wants verified TLS, which Railway's private network does not have: bring a Postgres of yours."
  }
}

variable "postgres_image" {
  description = "Image of that Postgres."
  type        = string
  default     = "postgres:18.6"
}

variable "postgres_proxy" {
  description = "Whether that Postgres is on the internet, without TLS. Only while `fed init` runs."
  type        = bool
  default     = false

  validation {
    condition     = !var.postgres_proxy || var.postgres_password != null
    error_message = "Belongs to postgres_password."
  }
}
