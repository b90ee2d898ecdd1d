"""Tests of model_lib.layers."""
