"""The binary interfaces of the venue programs, as plain data that imports the standard library
alone."""
