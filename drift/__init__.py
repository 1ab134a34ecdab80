"""The Drift protocol and its successor Velocity as a venue."""
