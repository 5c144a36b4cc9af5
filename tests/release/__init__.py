"""What is deployed is built, installed and started as docs/deploy.md says, with nothing but what it says."""
