"""Who may borrow what from whom, and whom to ask first; when a book is due is the loan clock's."""
