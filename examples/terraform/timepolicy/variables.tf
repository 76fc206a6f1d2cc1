variable "policy" {
  type        = string
  description = "The path of the policy."
}

variable "cloud" {
  type        = string
  description = "Where the node runs, which limits the size of its user-data."

  validation {
    condition = contains([
      "alibaba", "aws", "azure", "digitalocean", "google", "hetzner", "libvirt", "openstack", "oracle", "tencent", "vsphere",
    ], var.cloud)
    error_message = "cloud is alibaba, aws, azure, digitalocean, google, hetzner, libvirt, openstack, oracle, tencent or vsphere."
  }
}

variable "distro" {
  type        = string
  description = "The distribution release, as `timepolicy distros` lists it. Default: one user-data for all releases that the policy names."
  default     = ""
}

variable "role" {
  type        = string
  description = "What the node is for: client or server."
  default     = "client"
}

variable "format" {
  type        = string
  description = "A format of `timepolicy render` that is user-data. Default: the format of the release."
  default     = ""

  validation {
    condition     = !contains(["rootfs", "containerfile", "kubeadmconfig", "rke2config", "k3sconfig"], var.format)
    error_message = "That is no user-data."
  }
}

variable "with" {
  type        = list(string)
  description = "Your own user-data, as text or in base64: the product is one MIME document of it and of the policy's part."
  default     = []
}

variable "strict" {
  type        = bool
  description = "Treat warnings as errors."
  default     = false
}

variable "gzip" {
  type        = bool
  description = "Compress; cloud-init decompresses it. Use user_data_base64 then."
  default     = false
}

variable "command" {
  type        = list(string)
  description = "The command that runs timepolicy."
  default     = ["timepolicy"]
}
