"""What is remembered: in the address, in the session, in the server."""
