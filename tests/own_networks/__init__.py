"""Tests of model_lib/own_networks."""
