# A try without any machine: compile, install into a directory, seal that as an image is sealed, and check.
source "file" "node" {
  content = "{{ timestamp }}\n"
  target  = "${var.work}/timepolicy-now"
}

build {
  sources = ["source.file.node"]

  post-processor "shell-local" {
    environment_vars = ["POLICY=${var.policy}", "DISTRO=${var.distro}", "ROLE=${var.role}", "WORK=${var.work}", "IMAGE=${var.work}/${var.image_name}"]
    inline = [
      "set -eu",
      "${var.timepolicy} render \"$POLICY\" --distro \"$DISTRO\" --role \"$ROLE\" --format script -o \"$WORK/timepolicy-install.sh\"",
      "mkdir -p \"$IMAGE\"",
      "sh \"$WORK/timepolicy-install.sh\" --root \"$IMAGE\"",
      "seal=$IMAGE/usr/local/sbin/timepolicy-seal",
      "\"$seal\" ${var.seal_options} --root \"$IMAGE\" --time \"$(cat \"$WORK/timepolicy-now\")\"",
      "\"$seal\" --check ${var.seal_options} --root \"$IMAGE\"",
    ]
  }
}
