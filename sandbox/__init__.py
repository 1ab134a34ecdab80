"""Stand-ins for the outside world that speak its wire protocols; own processes, no product code."""
