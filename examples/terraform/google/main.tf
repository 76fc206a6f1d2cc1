terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}

module "time" {
  source = "../timepolicy"
  cloud  = "google"
  policy = "${path.root}/../../internal-ntp/timepolicy.yaml"
  distro = "debian-12"
}

resource "google_compute_instance_template" "node" {
  name_prefix  = "node-"
  machine_type = "e2-medium"
  metadata = {
    user-data = module.time.user_data
  }

  disk {
    source_image = "debian-cloud/debian-12"
  }

  network_interface {
    network = "default"
  }
}
