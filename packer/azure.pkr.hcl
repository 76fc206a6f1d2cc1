variable "azure_subscription" {
  type    = string
  default = ""
}

variable "azure_resource_group" {
  type        = string
  description = "Where the image goes."
  default     = ""
}

variable "azure_location" {
  type    = string
  default = "West Europe"
}

variable "azure_publisher" {
  type    = string
  default = "Debian"
}

variable "azure_offer" {
  type    = string
  default = "debian-12"
}

variable "azure_sku" {
  type    = string
  default = "12-gen2"
}

source "azure-arm" "node" {
  use_azure_cli_auth                = true
  subscription_id                   = var.azure_subscription
  managed_image_name                = "${var.image_name}-{{ timestamp }}"
  managed_image_resource_group_name = var.azure_resource_group
  location                          = var.azure_location
  os_type                           = "Linux"
  image_publisher                   = var.azure_publisher
  image_offer                       = var.azure_offer
  image_sku                         = var.azure_sku
  vm_size                           = "Standard_B2s"
  ssh_username                      = var.ssh_username
}
