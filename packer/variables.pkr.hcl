variable "policy" {
  type        = string
  description = "The policy to compile."
  default     = "timepolicy.yaml"
}

variable "distro" {
  type        = string
  description = "The distribution release of the image, as `timepolicy distros` lists it."
}

variable "role" {
  type        = string
  description = "The role of nodes of this image: client or server."
  default     = "client"
}

variable "timepolicy" {
  type        = string
  description = "The timepolicy command on the machine that runs Packer."
  default     = "timepolicy"
}

variable "work" {
  type        = string
  description = "A directory for compiled files, on the machine that runs Packer."
  default     = "."
}

variable "is_booted" {
  type        = bool
  description = "Whether systemd runs in the guest, so that the clock is proven there. If not, the time of the machine that runs Packer is the clock floor."
  default     = true
}

variable "seal_options" {
  type        = string
  description = "Options for `timepolicy-node seal`: --keys removes chrony's keys."
  default     = ""
}

variable "ssh_username" {
  type        = string
  description = "The user for provisioning: root, or one with sudo without a password."
  default     = "root"
}

variable "ssh_private_key_file" {
  type        = string
  description = "The private key of that user (qemu and null; clouds create their own)."
  default     = ""
}

variable "image_name" {
  type        = string
  description = "The name of the image; in a cloud, the time is appended."
  default     = "timepolicy-node"
}
