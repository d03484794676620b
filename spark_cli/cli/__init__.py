"""The command line: arguments, assembly, and the only printer of errors."""
