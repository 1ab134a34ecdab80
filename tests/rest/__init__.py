"""Tests of the desk over REST."""
