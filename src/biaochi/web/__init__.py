"""The composition root of the site: settings, urls, home, portal, API, and the journeys between mechanisms."""
