"""The page Is it chance?: two networks image by image, all pairs, and a setting over random seeds."""
