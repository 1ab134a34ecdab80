"""People of the desk: users, their settings and sessions, and the intents of their acts."""
