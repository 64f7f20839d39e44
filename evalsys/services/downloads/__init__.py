"""What heads and oversight take along of published cards: workbooks, and charts as pictures."""
