"""The inter-library loan broker: serves, stores and schedules what the workflows decide."""
