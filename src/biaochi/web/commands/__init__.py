"""The site's commands, found by the command line under the entry-point group ``biaochi.commands``."""
