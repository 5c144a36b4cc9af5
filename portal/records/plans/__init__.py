"""Plans and their actions: who does what by when."""
