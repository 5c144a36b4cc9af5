"""Children: who they are, what is stated of them, and which records are of the same child."""
