"""Stage: files of time daemons. Reads chrony.conf, .sources, timesyncd.conf and ntp.conf, judges and converts them.

`pipeline` is where to start: it holds `lint_files` and `import_files`, and names the three steps of each daemon.
"""
