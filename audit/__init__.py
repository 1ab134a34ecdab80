"""The append-only record of every act, and the one signal made from it."""
