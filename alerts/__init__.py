"""What people are told: alerts, notifications and the outbox."""
