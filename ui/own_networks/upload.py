"""Bringing a network: the file, what was read from it, how bright its images were, and keeping it as a run."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from typing import Final

import streamlit as st

from model_lib.compute.computations import WriteKerasFile
from model_lib.compute.worker import WorkerLostError, shared_worker
from model_lib.config.summary import summarise
from model_lib.datasets.loading import load_dataset
from model_lib.number_format import accuracy_text
from model_lib.own_networks.archive import LARGEST_FILE_BYTES, WITHOUT_OPTIMIZER, OwnNetworkError
from model_lib.own_networks.keeping import CHECKED_IMAGES, accuracy_by_white, keep_network
from model_lib.own_networks.reading import OwnNetwork, read_network
from model_lib.runs import runs_root
from model_lib.storage.origin import LONGEST_TITLE
from model_lib.storage.run import Run
from ui.own_networks.owner import owner
from ui.shared.jobs import Report, wait_for
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run
from ui.shared.streamlit_workarounds import make_uploader_primary, newest_file_is_refused
from ui.shared.visit import state_of

_LARGEST_MB: Final = LARGEST_FILE_BYTES // 1024**2
_WHITES: Final = {1.0: "0 to 1", 255.0: "0 to 255"}


@dataclass(frozen=True)
class _Read:
    """What was read: the network and its accuracy on some training images, by what white was in its images."""

    network: OwnNetwork
    accuracies: dict[float, float]


@dataclass(frozen=True)
class _Wanted:
    """One click on *Use this network*.

    Args:
        white: of the images in the network's training.
        title: what it is to be called.
        click: no other click's, not even one for the same file: it may come after a deletion, or once there is room.
    """

    white: float
    title: str
    click: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass
class _Upload:
    """The file that the page speaks of.

    Args:
        name: of the file.
        content: its bytes; None if there is none.
        kept: how many files have been kept: each empties the uploader, which only another key does.
        wanted: what is being kept; None if nothing is.
    """

    name: str = ""
    content: bytes | None = None
    kept: int = 0
    wanted: _Wanted | None = None


def show_upload() -> None:
    """Lets the visitor bring a file, and shows what was read from it."""
    upload = state_of(_Upload)
    key = f"network_file-{upload.kept}"
    file = st.file_uploader(
        f"A .keras file, up to {_LARGEST_MB} MB",
        key=key,
        max_upload_size=_LARGEST_MB,
        on_change=_forget,
        args=(key,),
        help='Written by model.save("network.keras") of Keras 3, or of Keras 2 from 2.13 on. The network takes images '
        "of 28 x 28, 28 x 28 x 1 or 784 pixels and gives ten answers.",
    )
    make_uploader_primary(key)
    if newest_file_is_refused(key):
        st.error(
            f"This file was not accepted. It may have at most {_LARGEST_MB} MB. A trained network is up to three times "
            "as large as its weights, since it keeps its optimizer's state. Save it without: "
            f"`{WITHOUT_OPTIMIZER}`",
            icon=":material/error:",
        )
        return
    if file is not None:
        upload.name, upload.content = file.name, file.getvalue()
    elif upload.content is not None:
        st.text(f"Your last file: {upload.name[:80]}")
    if upload.content is not None:
        _show_file(upload, upload.content)


def _show_file(upload: _Upload, content: bytes) -> None:
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    found = wait_for(("own network", digest), partial(_read, content), "Reading the file", slot="own_network")
    if found is None:
        return
    if isinstance(found, OwnNetworkError):
        _refuse(str(found))
        return
    chosen: _Wanted | None = None
    if upload.wanted is not None:
        chosen = upload.wanted
        if not _keep(upload, found, chosen):
            return
    best = max(found.accuracies, key=lambda white: (found.accuracies[white], -white))
    pixels = f"pixels from {_WHITES[best]}, so this is chosen below"
    if list(found.accuracies.values()).count(found.accuracies[best]) > 1:
        pixels = f"either kind of pixels; {_WHITES[best]}, which is more usual, is chosen below"
    st.success(
        f"The network was read: {accuracy_text(found.accuracies[best])} of {CHECKED_IMAGES} training images are "
        f"predicted correctly with {pixels}.",
        icon=":material/check_circle:",
    )
    for note in found.network.notes:
        st.info(plain(note), icon=":material/info:")
    white_key, title_key = f"white-{digest}", f"network_title-{digest}"
    st.session_state.setdefault(white_key, best)
    st.session_state.setdefault(title_key, PurePath(upload.name).stem[:LONGEST_TITLE])
    if chosen is not None:  # fields that are not drawn while one waits are forgotten
        st.session_state[white_key], st.session_state[title_key] = chosen.white, chosen.title
    picked = st.segmented_control(
        "Pixels in its training were from",
        list(found.accuracies),
        required=True,
        format_func=lambda each: f"{_WHITES[each]} ({accuracy_text(found.accuracies[each])})",
        key=white_key,
        help="MNIST's pixels are 0 to 255, and many programs divide them by 255 first. With the wrong choice a network "
        f"sees images that are far too dark or too bright. The accuracy is on {CHECKED_IMAGES} training images.",
    )
    white = float(best if picked is None else picked)
    with st.form("keep_network", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Name",
            max_chars=LONGEST_TITLE,
            key=title_key,
            width=320,
            help="What the lists of this app call it. Everybody on this server sees it.",
        )
        if st.form_submit_button("Use this network", type="primary", icon=":material/check:", key="keep_network"):
            upload.wanted = _Wanted(white, title)
            st.rerun()
    _show_layers(found.network, white)


def _show_layers(network: OwnNetwork, white: float) -> None:
    rows = summarise(network.spec(white))
    st.dataframe(
        {
            "layer": [row.kind for row in rows],
            "options": [row.detail for row in rows],
            "output": [" x ".join(map(str, row.output_shape)) for row in rows],
            "parameters": [row.parameters for row in rows],
        },
        hide_index=True,
        width="stretch",
        height="content",
        column_config={"parameters": st.column_config.NumberColumn(format="localized")},
        alt=f"{len(rows)} layers, {sum(row.parameters for row in rows):,} parameters",
    )


def _keep(upload: _Upload, found: _Read, wanted: _Wanted) -> bool:
    """Keeps the network in a thread, and makes it the chosen one. Returns whether that was refused, which it shows."""
    work = partial(_write, found.network, wanted.white, wanted.title, owner())
    kept = wait_for(
        ("kept network", wanted.click),
        work,
        "Testing it on all test images and writing its files",
        slot="kept_network",
        obstacle=lambda: shared_worker().obstacle,
    )
    if kept is None:
        return False
    upload.wanted = None
    if not isinstance(kept, OwnNetworkError):
        upload.kept += 1
        upload.content = None
        forget_listed_runs()
        select_run(kept)
        st.rerun()
    _refuse(str(kept))
    return True


def _refuse(message: str) -> None:
    st.error(plain(message), icon=":material/error:")
    st.caption("Nothing in the file was run, and nothing of it is kept.")


def _read(content: bytes, report: Report) -> _Read | OwnNetworkError:
    try:
        network = read_network(content)
        report(0.7)
        return _Read(network, accuracy_by_white(network, load_dataset("mnist").train))
    except OwnNetworkError as error:
        return error  # no fault of the app: shown as it is, and not read again


def _write(network: OwnNetwork, white: float, title: str, name: str, report: Report) -> Run | OwnNetworkError:
    def write_keras_file(folder: Path) -> None:
        try:
            shared_worker().compute(WriteKerasFile(str(folder)), lambda share: None)
        except WorkerLostError:
            return  # pages need the weights alone

    try:
        return keep_network(network, white, title, name, write_keras_file, report, runs_root())
    except OwnNetworkError as error:
        return error
    except OSError as error:
        return OwnNetworkError(f"The network could not be written: {error.strerror}.")


def _forget(key: str) -> None:
    """Forgets the file when the uploader has lost it: it was taken back, or another one has come in its place."""
    upload = state_of(_Upload)
    upload.wanted = None
    if st.session_state.get(key) is None:
        upload.content = None


def plain(text: str) -> str:
    """Returns a text, in which names of a stranger's file may stand, as Markdown that shows it as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
