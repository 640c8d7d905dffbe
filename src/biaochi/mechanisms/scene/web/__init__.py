"""The web room of scenes: applications, trials, offers."""
