"""The roof: settings, urls, processes, health. Imported by nobody."""
