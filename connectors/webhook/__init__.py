"""The broker's own JSON protocol with partners, signed by the Standard Webhooks specification."""
