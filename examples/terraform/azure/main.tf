terraform {
  required_providers {
    azurerm = {
      source = "hashicorp/azurerm"
    }
  }
}

variable "resource_group" {
  type = string
}

variable "subnet" {
  type = string
}

variable "ssh_public_key" {
  type = string
}

module "time" {
  source = "../timepolicy"
  cloud  = "azure"
  policy = "${path.root}/../../internal-ntp/timepolicy.yaml"
  distro = "ubuntu-24.04"
}

resource "azurerm_linux_virtual_machine_scale_set" "nodes" {
  name                = "nodes"
  resource_group_name = var.resource_group
  location            = "West Europe"
  sku                 = "Standard_B2s"
  instances           = 3
  admin_username      = "azureuser"
  custom_data         = module.time.user_data_base64

  admin_ssh_key {
    username   = "azureuser"
    public_key = var.ssh_public_key
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = "server"
    version   = "latest"
  }

  os_disk {
    storage_account_type = "Standard_LRS"
    caching              = "ReadWrite"
  }

  network_interface {
    name    = "eth0"
    primary = true

    ip_configuration {
      name      = "internal"
      primary   = true
      subnet_id = var.subnet
    }
  }
}
