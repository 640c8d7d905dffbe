"""One folder = one policy instrument.  Adding a mechanism is its folder and one line here.

Settings, urls, command line, documentation and permission tests are built from this list.
"""

MECHANISMS: tuple[str, ...] = (
    "ruler",
    "foresight",
    "layout",
    "challenge",
    "fund",
    "capital",
    "sandbox",
    "fairness",
    "procurement",
    "scene",
    "transfer",
    "sharing",
    "cultivation",
)
