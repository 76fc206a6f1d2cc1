# Copy this folder. It compiles a policy to user-data.
terraform {
  required_version = ">= 1.4"
  required_providers {
    external = {
      source = "hashicorp/external"
    }
  }
}

locals {
  # bytes of user-data before they are encoded; libvirt has a separate disk for it
  limits = {
    aws          = 16384  # EC2 User Guide, instance user data
    alibaba      = 16384  # ECS User Guide, instance user data
    azure        = 65535  # Azure, custom data
    digitalocean = 65536  # DigitalOcean API, create a Droplet
    google       = 262144 # Compute Engine, custom metadata: one value
    hetzner      = 32768  # Hetzner Cloud API, create a server
    openstack    = 49149  # Nova: 65535 characters of base64
    oracle       = 24000  # OCI: 32000 bytes of metadata in all, and base64 in them
    tencent      = 12288  # CVM: 16 KB, perhaps of base64
    vsphere      = 524288 # vSphere API, CustomizationCloudinitPrep
    libvirt      = 1048576
  }
  # their APIs have text for it, so that compressed user-data is sent in base64, which makes four bytes of three
  is_encoded = var.gzip && contains(["digitalocean", "hetzner", "vsphere"], var.cloud)
  limit      = local.is_encoded ? floor(local.limits[var.cloud] / 4) * 3 : local.limits[var.cloud]
}

data "external" "timepolicy" {
  program = concat(var.command, ["terraform"])

  query = {
    path   = var.policy
    distro = var.distro
    role   = var.role
    format = var.format
    strict = tostring(var.strict)
    gzip   = tostring(var.gzip)
    with   = jsonencode(var.with)
  }

  lifecycle {
    postcondition {
      condition     = tonumber(self.result.size) <= local.limit
      error_message = "The user-data for ${self.result.release} has ${self.result.size} bytes; ${var.cloud} takes ${local.limit}."
    }
  }
}
