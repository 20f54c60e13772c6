"""Runs the client of PyPI's `amt`: client.py <address> <password> <method>... and prints what each method returns, one a line."""
import sys
import warnings

warnings.simplefilter("ignore")

from amt.client import Client  # noqa: E402

address, password, *methods = sys.argv[1:]
client = Client(address, password)
for method in methods:
    try:
        print(getattr(client, method)())
    except Exception as error:  # The client tells by raising.
        sys.exit(f"{type(error).__name__}: {error}")
