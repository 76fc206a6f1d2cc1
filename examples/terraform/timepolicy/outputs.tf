output "user_data" {
  description = "The user-data as text; empty where it is binary."
  value       = data.external.timepolicy.result.user_data

  precondition {
    condition     = !contains(["libvirt", "google", "openstack"], var.cloud) || data.external.timepolicy.result.user_data != ""
    error_message = "${var.cloud} takes user-data as text, and this is binary."
  }
}

output "user_data_base64" {
  description = "The same in base64, as some resources take it."
  value       = data.external.timepolicy.result.user_data_base64
}

output "size" {
  description = "Its bytes, before they are encoded."
  value       = tonumber(data.external.timepolicy.result.size)
}

output "findings" {
  description = "What timepolicy found that is no error, a line each."
  value       = data.external.timepolicy.result.findings
}
