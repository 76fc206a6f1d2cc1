variable "policy" {
  type        = string
  description = "The policy to compile."
  default     = "timepolicy.yaml"
}

variable "distro" {
  type        = string
  description = "The image's distribution release, as `timepolicy distros` names it."
}

variable "role" {
  type        = string
  description = "What nodes of this image are for: client or server."
  default     = "client"
}

variable "timepolicy" {
  type        = string
  description = "The command that runs timepolicy on the machine that runs Packer."
  default     = "timepolicy"
}

variable "work" {
  type        = string
  description = "A folder on the machine that runs Packer, for what is compiled."
  default     = "."
}

variable "is_booted" {
  type        = bool
  description = "Whether systemd runs in the guest, so that the clock is proven there. If not, this machine's time is the clock floor."
  default     = true
}

variable "seal_options" {
  type        = string
  description = "Options for `timepolicy-node seal`: --keys removes chrony's keys."
  default     = ""
}

variable "ssh_username" {
  type        = string
  description = "Who logs in to provision; root, or who may use sudo without a password."
  default     = "root"
}

variable "ssh_private_key_file" {
  type        = string
  description = "The private key for that login (qemu and null; a cloud makes its own)."
  default     = ""
}

variable "image_name" {
  type        = string
  description = "The name of the image that is made; in a cloud the time comes behind it."
  default     = "timepolicy-node"
}
