"""What was told to whom, in which words, with receipts and the files that were taken out."""
