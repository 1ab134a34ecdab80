"""What the desk answers to the chain about its messages: what to sign, whether, and what became."""
