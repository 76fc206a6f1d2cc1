terraform {
  required_providers {
    openstack = {
      source = "terraform-provider-openstack/openstack"
    }
  }
}

module "time" {
  source = "../timepolicy"
  cloud  = "openstack"
  policy = "${path.root}/../../internal-ntp/timepolicy.yaml"
  distro = "rocky-9"
}

resource "openstack_compute_instance_v2" "node" {
  name        = "node"
  image_name  = "Rocky-9"
  flavor_name = "m1.small"
  user_data   = module.time.user_data

  network {
    name = "nodes"
  }
}
