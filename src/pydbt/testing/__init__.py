"""What tests of others use: the conformance kit for dialects is `pydbt.testing.backend`."""
