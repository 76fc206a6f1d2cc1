variable "google_project" {
  type    = string
  default = ""
}

variable "google_zone" {
  type    = string
  default = "us-central1-a"
}

variable "google_source_image_family" {
  type        = string
  description = "The family of the image to start from, such as debian-12."
  default     = ""
}

source "googlecompute" "node" {
  project_id          = var.google_project
  zone                = var.google_zone
  source_image_family = var.google_source_image_family
  image_name          = "${var.image_name}-{{ timestamp }}"
  ssh_username        = var.ssh_username
}
