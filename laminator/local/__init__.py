"""What runs the desk on one machine without root: servers, supervisor, test runner."""
