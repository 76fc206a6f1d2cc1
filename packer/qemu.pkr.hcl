# From a cloud image (qcow2) to a golden image.
variable "disk" {
  type        = string
  description = "A distribution's cloud image: a path or a URL."
  default     = "disk.qcow2"
}

variable "disk_checksum" {
  type        = string
  description = "Its checksum, such as sha512:...; none for a file of your own."
  default     = "none"
}

variable "accelerator" {
  type        = string
  description = "kvm, or tcg where there is no /dev/kvm: minutes instead of seconds."
  default     = "kvm"
}

source "qemu" "node" {
  accelerator      = var.accelerator
  headless         = true
  iso_url          = var.disk
  iso_checksum     = var.disk_checksum
  disk_image       = true
  skip_resize_disk = true # otherwise it grows to 40 GiB
  disk_interface   = "virtio"
  net_device       = "virtio-net-pci"
  memory           = 1024
  format           = "qcow2"
  output_directory = "${var.work}/${var.image_name}"
  vm_name          = "${var.image_name}.qcow2"
  qemuargs         = [["-cpu", "max"]]

  # a seed for cloud-init's NoCloud: user-data and an empty meta-data
  cd_files = ["${var.work}/seed/user-data", "${var.work}/seed/meta-data"]
  cd_label = "cidata"

  communicator           = "ssh"
  ssh_username           = var.ssh_username
  ssh_private_key_file   = var.ssh_private_key_file
  ssh_timeout            = "15m"
  ssh_handshake_attempts = 200
  shutdown_command       = "$(command -v sudo) systemctl poweroff"
}
