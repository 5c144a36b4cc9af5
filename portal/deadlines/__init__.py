"""What is owed, by whom and by when. The registry says on which record, and who answers for it."""
