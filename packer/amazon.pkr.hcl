variable "aws_region" {
  type    = string
  default = "us-east-1"
}

variable "aws_source_ami" {
  type        = string
  description = "The image to start from."
  default     = ""
}

source "amazon-ebs" "node" {
  region        = var.aws_region
  source_ami    = var.aws_source_ami
  instance_type = "t3.small"
  ami_name      = "${var.image_name}-{{ timestamp }}"
  ssh_username  = var.ssh_username
}
