"""Playing a computed year on the site, and the snapshot it leaves."""
