"""Bringing a whole run that was packed on another server of this app."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from model_lib.compute.computations import WriteKerasFile
from model_lib.compute.worker import shared_worker
from model_lib.own_networks.run_zip import BroughtRun, read_run_zip
from model_lib.own_networks.zip_members import NoPlaceError, RunZipError
from model_lib.storage.run import RunError
from ui.shared.jobs import Report, wait_for
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run
from ui.shared.streamlit_workarounds import newest_file_is_refused
from ui.shared.user_digits import own_image_sets
from ui.shared.visit import state_of
from ui.shared.wording import in_markdown

_UPLOADER: Final = "run_zip_file"
_LARGEST_MB: Final = 25
_NEXT: Final = (
    NextStep("pages/train.py", "See its curves", ":material/show_chart:"),
    NextStep("pages/look_inside.py", "Look inside", ":material/search:"),
    NextStep("pages/review_mistakes.py", "Review its mistakes", ":material/grid_on:"),
)


@dataclass
class _Brought:
    """What this visit has brought.

    Args:
        last: the run that the page speaks of.
        runs: those that were brought, by the digest of their file, which is brought once as long as its run is there.
        uploads: ids of the uploads that became a run; one that does not leave the page is not brought again.
    """

    last: BroughtRun | None = None
    runs: dict[str, BroughtRun] = field(default_factory=dict)
    uploads: set[str] = field(default_factory=set)


def bring_run_zip() -> None:
    """Takes the zip of a whole run, checks all of it, and makes it the chosen run."""
    st.header("A whole run from another server", anchor=False)
    file = st.file_uploader(
        f"Zip of a run, up to {_LARGEST_MB} MB",
        type=["zip"],
        key=_UPLOADER,
        max_upload_size=_LARGEST_MB,
        help="As the page Take it home writes it: network, settings, curves, weights and answers. All of it is checked "
        "and written anew here.",
    )
    if file is None and newest_file_is_refused(_UPLOADER):
        st.error(
            f"This file was not accepted. The zip of a run ends in .zip and has at most {_LARGEST_MB} MB.",
            icon=":material/error:",
        )
    brought = state_of(_Brought)
    if file is not None:
        content = file.getvalue()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        known = brought.runs.get(digest)
        if known is not None and known.run.exists:
            brought.last = known
            brought.uploads.add(file.file_id)
        elif file.file_id not in brought.uploads:
            _read(content, digest, file.file_id)
        else:
            st.info("This run has been deleted. To bring it again, upload its file again.", icon=":material/info:")
    if brought.last is not None and brought.last.run.exists:
        title = in_markdown(brought.last.run.title)
        st.success(f"Brought: **{title}**. It is the chosen network now, on all pages.", icon=":material/check:")
        for note in brought.last.notes:
            st.info(note, icon=":material/info:")
        offer_next_steps(_NEXT)


def _read(content: bytes, digest: str, upload: str) -> None:
    # Of one upload: another visitor's run of the same file is theirs, and what was refused may be possible later.
    sets = frozenset(each.name for each in own_image_sets().sets())
    key = ("run zip", upload, sets)
    found = wait_for(key, partial(_keep, content, sets), "Checking the run", slot="run_zip")
    if isinstance(found, RunZipError):
        st.error(str(found), icon=":material/error:")
    elif found is not None:
        brought = state_of(_Brought)
        brought.uploads.add(upload)
        brought.last = brought.runs[digest] = found
        forget_listed_runs()
        select_run(found.run)
        st.rerun()  # the sidebar, drawn before, shows another network


def _keep(content: bytes, sets: frozenset[str], report: Report) -> BroughtRun | RunZipError:
    def write_network(folder: Path) -> None:
        shared_worker().compute(WriteKerasFile(str(folder)), lambda share: report(0.8))

    try:
        return read_run_zip(content, write_network, own_sets=sets, progress=report)
    except NoPlaceError as error:
        raise RunError(str(error)) from error  # a failure, which can be tried again
    except RunZipError as error:
        return error  # no fault of the app: shown as it is
