terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

# the image that Packer built
data "aws_ami" "node" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "name"
    values = ["timepolicy-node*"]
  }
}

# the current policy, which takes precedence over the one in the image
module "time" {
  source = "../terraform/timepolicy"
  cloud  = "aws"
  policy = "${path.root}/timepolicy.yaml"
  distro = "debian-12"
}

resource "aws_launch_template" "node" {
  name_prefix = "node-"
  image_id    = data.aws_ami.node.id
  user_data   = module.time.user_data_base64
}
