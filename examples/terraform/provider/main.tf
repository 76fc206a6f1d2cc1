# The same by timepolicy's own provider: see ../README.md for where Terraform finds it.
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

# a node that serves time, with what EC2 takes in view
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

# the others, by the function: a text in, a text out
output "client_user_data" {
  value = provider::timepolicy::render(file(local.policy), "debian-12", "client")
}
