"""The agent that runs on nodes as `timepolicy-node`, and what packs it.

The modules are joined into one program for each kind of node (packer.py). They run on Python 3.6 with the standard
library alone, and import only each other. The compiler imports `interface` and nothing else from here.
"""
