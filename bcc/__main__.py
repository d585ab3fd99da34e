"""`python -m bcc`: the command line."""

from bcc.cli import main

if __name__ == "__main__":
    main()
