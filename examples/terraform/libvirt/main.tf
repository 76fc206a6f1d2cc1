terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "~> 0.8"
    }
  }
}

module "time" {
  source = "../timepolicy"
  cloud  = "libvirt"
  policy = "${path.root}/../../internal-ntp/timepolicy.yaml"
  distro = "debian-13"
}

resource "libvirt_cloudinit_disk" "node" {
  name      = "node-seed.iso"
  user_data = module.time.user_data
}

resource "libvirt_domain" "node" {
  name      = "node"
  memory    = 2048
  cloudinit = libvirt_cloudinit_disk.node.id
}
