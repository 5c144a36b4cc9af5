"""Places, people, vehicles, phones, accounts and groups of concern, and what connects them."""
