"""What goes on by itself: deliveries, partners' messages, deadlines and tidying."""
