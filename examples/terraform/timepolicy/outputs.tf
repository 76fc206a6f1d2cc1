output "user_data" {
  description = "The user-data as text; empty if it is binary."
  value       = data.external.timepolicy.result.user_data

  precondition {
    condition     = !contains(["digitalocean", "google", "hetzner", "libvirt", "openstack", "vsphere"], var.cloud) || data.external.timepolicy.result.user_data != ""
    error_message = "${var.cloud} takes user-data as text, and this is binary."
  }
}

output "user_data_base64" {
  description = "The same in base64, which some resources require."
  value       = data.external.timepolicy.result.user_data_base64
}

output "size" {
  description = "The size in bytes, before encoding."
  value       = tonumber(data.external.timepolicy.result.size)
}

output "findings" {
  description = "Warnings and notes of timepolicy, one line each."
  value       = data.external.timepolicy.result.findings
}
