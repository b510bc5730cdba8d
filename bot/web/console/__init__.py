"""/app: the team's web console, entered by a one-time link from a private chat; the same rights and rules as in the chat."""
