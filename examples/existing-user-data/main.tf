terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

module "time" {
  source = "../terraform/timepolicy"
  cloud  = "aws"
  policy = "${path.root}/timepolicy.yaml"
  distro = "ubuntu-24.04"
  gzip   = true
  with   = [file("${path.root}/user-data.yaml")]
}

resource "aws_launch_template" "node" {
  name_prefix = "node-"
  user_data   = module.time.user_data_base64
}

output "bytes" {
  value = module.time.size
}
