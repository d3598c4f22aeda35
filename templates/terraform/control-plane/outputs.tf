output "project_id" {
  description = "The project on Railway."
  value       = railway_project.federation.id
}

output "public_url" {
  description = "Where web answers."
  value       = local.has_control_plane ? local.control_plane.PUBLIC_URL : null
}

output "dns_records" {
  description = "What to set at your DNS provider for the custom domain."
  value = [for domain in railway_custom_domain.web : {
    domain = { name = domain.host_label, zone = domain.zone, value = domain.dns_record_value }
    proof  = { name = domain.verification_host_label, zone = domain.zone, value = domain.verification_record_value }
  }]
}

output "postgres_address" {
  description = "The Postgres on Railway, as web and worker reach it."
  value       = local.has_postgres ? "postgres.railway.internal:5432" : null
}

output "postgres_proxy_address" {
  description = "The same, from outside; see postgres_proxy."
  value       = one([for proxy in railway_tcp_proxy.postgres : "${proxy.domain}:${proxy.proxy_port}"])
}
