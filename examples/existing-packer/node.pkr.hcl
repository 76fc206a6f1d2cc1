# the team's template; the marked part is what timepolicy needs
source "null" "node" {
  communicator = "none"
}

build {
  sources = ["source.null.node"]

  # timepolicy: begin
  provisioner "shell-local" {
    inline = ["timepolicy render --format script -o install.sh"]
  }
  provisioner "file" {
    source      = "install.sh"
    destination = "/tmp/install.sh"
    generated   = true
  }
  provisioner "shell" {
    inline = [
      "sudo sh /tmp/install.sh",
      "sudo /usr/local/sbin/timepolicy-node wait",
    ]
  }
  # timepolicy: end

  provisioner "shell" {
    inline = ["sudo apt-get install -y containerd kubelet kubeadm"]
  }

  # timepolicy: last of all, remove what belongs to this one machine
  provisioner "shell" {
    inline = ["sudo /usr/local/sbin/timepolicy-node seal"]
  }
}
