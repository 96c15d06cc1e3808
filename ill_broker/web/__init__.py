"""What every face of the service over HTTP needs: who is this, and how a view reaches the services."""
