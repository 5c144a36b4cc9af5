"""What people are told: the portal’s own messages, which hold no words about a child."""
