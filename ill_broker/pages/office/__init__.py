"""The office's pages: members, policies, figures."""
