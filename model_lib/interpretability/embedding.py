"""2-D projection of the penultimate layer: PCA and t-SNE."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from model_lib.datasets.loading import ProgressCallback

_ROUNDS: Final = 4
_ROUND_ITERATIONS: Final = 250  # scikit-learn does not run fewer
_EXAGGERATION: Final = 12.0


def project_pca(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Projects points onto their first two principal components (PCA).

    Args:
        values: (n, units), at least two images and two units.

    Returns:
        Points (n, 2), and the explained variance ratio of both components, 0 to 1.
    """
    pca = PCA(n_components=2, random_state=0)
    points = pca.fit_transform(values.astype(np.float64))
    # Without any variance the ratio is 0 / 0.
    return points, np.nan_to_num(pca.explained_variance_ratio_)


def project_tsne(values: NDArray[np.float32], progress: ProgressCallback | None = None) -> NDArray[np.float64]:
    """Projects points by t-SNE.

    It runs in four rounds, each initialised from the previous one, in order to report progress.

    Args:
        values: (n, units). The perplexity is 30, a third of the images where there are few.
        progress: called with 0 to 1.

    Returns:
        Points (n, 2). Distances between clusters are not meaningful. All zero where the values do not differ.

    Source: L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", 2008; initialisation from PCA and learning
    rate as D. Kobak and P. Berens, "The art of using t-SNE", 2019, advise.
    """
    reduced = PCA(n_components=min(50, *values.shape), random_state=0).fit_transform(values.astype(np.float64))
    spread = reduced[:, 0].std()
    if not spread > np.finfo(np.float32).tiny:
        # Of points that are all the same, 0 / 0; scikit-learn puts such a start into its tree without end.
        return np.zeros((len(values), 2))
    start = (reduced[:, :2] / spread * 1e-4).astype(np.float32)
    for done in range(_ROUNDS):
        rounds = TSNE(
            init=start,
            early_exaggeration=_EXAGGERATION if done == 0 else 1.0,
            perplexity=min(30.0, (len(values) - 1) / 3),
            learning_rate=max(len(values) / _EXAGGERATION, 50.0),
            max_iter=_ROUND_ITERATIONS,
            random_state=0,
        )
        start = rounds.fit_transform(reduced)
        if progress is not None:
            progress((done + 1) / _ROUNDS)
    points: NDArray[np.float64] = start.astype(np.float64)
    return points
