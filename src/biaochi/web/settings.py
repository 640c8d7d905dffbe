"""Settings of the site."""

SECRET_KEY = "set-at-start"  # noqa: S105
INSTALLED_APPS: list[str] = []
