"""Everything that talks to member libraries, their patrons' mailboxes and telephones."""
