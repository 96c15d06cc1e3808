"""What a lost, damaged or stolen book costs, and its reader's suspension; fines are the loan clock's."""
