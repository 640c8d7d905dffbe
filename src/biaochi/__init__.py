"""Biaochi (标尺): software for governing future industries under uncertainty.

Three ways in, one set of answers: the library (``biaochi.methods``), the command line (``biaochi``) and the
bilingual platform (``biaochi serve``).  Importing this package loads nothing heavy.
"""

__version__ = "0.1.0"
