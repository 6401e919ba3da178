"""The site of an edition: static files that any web server, or a folder, shows to readers without a login."""
