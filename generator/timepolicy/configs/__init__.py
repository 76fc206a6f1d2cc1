"""Configuration files of time daemons: chrony.conf, .sources, timesyncd.conf and ntp.conf, checked and converted.

Start with `pipeline`: it has `lint_files` and `import_files`, and names the three steps of each daemon.
"""
