terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

module "time" {
  source = "../timepolicy"
  cloud  = "aws"
  policy = "${path.root}/../../internal-ntp/timepolicy.yaml"
  distro = "amazon-linux-2023"
}

resource "aws_launch_template" "node" {
  name_prefix = "node-"
  user_data   = module.time.user_data_base64
}
