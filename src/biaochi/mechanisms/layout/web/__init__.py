"""The web room of the layout: crowding, plan browser, menus, zones."""
