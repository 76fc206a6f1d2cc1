# The same provisioning for every kind of image; `-only=qemu.node` and the like select the kind.
build {
  sources = [
    "source.amazon-ebs.node",
    "source.azure-arm.node",
    "source.googlecompute.node",
    "source.null.node",
    "source.qemu.node",
  ]

  provisioner "shell-local" {
    environment_vars = ["POLICY=${var.policy}", "DISTRO=${var.distro}", "ROLE=${var.role}", "WORK=${var.work}"]
    inline = [
      "set -eu",
      "${var.timepolicy} render \"$POLICY\" --distro \"$DISTRO\" --role \"$ROLE\" --format script -o \"$WORK/timepolicy-install.sh\"",
      "date +%s >\"$WORK/timepolicy-now\"",
    ]
  }

  # To the home directory, where other users of the guest cannot put a file or a link first, as in /tmp
  provisioner "file" {
    source      = "${var.work}/timepolicy-install.sh"
    destination = "timepolicy-install.sh"
    generated   = true
  }

  provisioner "file" {
    source      = "${var.work}/timepolicy-now"
    destination = "timepolicy-now"
    generated   = true
  }

  provisioner "shell" {
    environment_vars = ["IS_BOOTED=${var.is_booted}", "SEAL_OPTIONS=${var.seal_options}"]
    execute_command  = "$(command -v sudo) env {{ .Vars }} sh '{{ .Path }}'"
    script           = "${path.root}/provision.sh"
  }

  # Azure's agent removes what belongs to this one machine, and Packer's account
  provisioner "shell" {
    only            = ["azure-arm.node"]
    execute_command = "$(command -v sudo) sh '{{ .Path }}'"
    inline          = ["waagent -force -deprovision+user"]
  }
}
