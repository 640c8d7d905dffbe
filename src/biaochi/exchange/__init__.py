"""Files and paper: reading tables and YAML with all faults at once, writing atomically, charts, documents, terminal.

No Django.  Every reader collects every fault before it raises :class:`biaochi.core.errors.InputError`.
"""
