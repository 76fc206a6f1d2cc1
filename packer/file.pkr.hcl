# Try it without any machine: compile, lay the product into a folder, seal that as an image would be, and check.
source "file" "node" {
  content = "{{ timestamp }}\n"
  target  = "${var.work}/timepolicy-now"
}

build {
  sources = ["source.file.node"]

  post-processor "shell-local" {
    environment_vars = ["POLICY=${var.policy}", "DISTRO=${var.distro}", "ROLE=${var.role}", "WORK=${var.work}", "SEAL=${path.root}/timepolicy-seal"]
    inline = [
      "set -eu",
      "${var.timepolicy} render \"$POLICY\" --distro \"$DISTRO\" --role \"$ROLE\" --format script -o \"$WORK/timepolicy-install.sh\"",
      "mkdir -p \"$WORK/${var.image_name}\"",
      "sh \"$WORK/timepolicy-install.sh\" --root \"$WORK/${var.image_name}\"",
      "sh \"$SEAL\" ${var.seal_options} --root \"$WORK/${var.image_name}\" --time \"$(cat \"$WORK/timepolicy-now\")\"",
      "sh \"$SEAL\" --check ${var.seal_options} --root \"$WORK/${var.image_name}\"",
    ]
  }
}
