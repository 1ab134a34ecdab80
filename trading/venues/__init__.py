"""What a venue is to the desk; the venues themselves are rooms of their own."""
