"""What a file is by what is in it, whether it is taken, and the virus scanner. Neither web nor database."""
