# The same with the provider of timepolicy: ../README.md describes how to install it.
terraform {
  required_version = ">= 1.8"
  required_providers {
    timepolicy = {
      source = "terraform.local/timepolicy/timepolicy"
    }
  }
}

locals {
  policy = "${path.module}/../../server-tier/timepolicy.yaml"
}

# a node that serves time, within EC2's limit of user-data
data "timepolicy_user_data" "server" {
  path   = local.policy
  distro = "debian-12"
  role   = "server"
  gzip   = true
  limit  = "aws"
}

output "server_user_data_base64" {
  value = data.timepolicy_user_data.server.user_data_base64
}

# the other nodes, by the function, which takes and returns text
output "client_user_data" {
  value = provider::timepolicy::render(file(local.policy), "debian-12", "client")
}
