"""A project: settings, model files, resources and bodies, joined into plans and runs."""
