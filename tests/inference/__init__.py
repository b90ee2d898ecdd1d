"""Tests of model_lib.inference."""
