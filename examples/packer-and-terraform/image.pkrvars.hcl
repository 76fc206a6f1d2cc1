policy         = "timepolicy.yaml"
distro         = "debian-12"
image_name     = "timepolicy-node"
ssh_username   = "admin"
aws_source_ami = "ami-0123456789abcdef0" # Debian 12 in your region
