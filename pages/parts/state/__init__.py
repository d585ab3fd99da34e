"""State of the app: in the address, in the session and on the server."""
