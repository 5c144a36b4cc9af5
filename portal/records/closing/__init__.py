"""How a case ends, is handed over, and is reopened."""
