"""The address of a page as a QR code, for the phones of a class."""

from __future__ import annotations

import io
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

_LOCAL: Final = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
_WIDTH_PX: Final = 240
_LARGE_PX: Final = 640
# More make modules so small that a phone at the back of a room reads none.
_LONGEST: Final = 1200


def page_address(parameters: dict[str, str]) -> str | None:
    """Returns the full address of this page with parameters; None where the browser has told none."""
    url = st.context.url
    if not url:
        return None
    scheme, host, path, _, _ = urlsplit(url)
    return urlunsplit((scheme, host, path or "/", urlencode(parameters), ""))


def show_qr_code(address: str, width: int = _WIDTH_PX) -> None:
    """Shows a QR code of an address on a white card, and says when no phone can follow it."""
    if len(address) > _LONGEST:
        st.info(
            "This address is too long for a QR code that a phone can read. Send it as text.", icon=":material/info:"
        )
        return
    import segno

    stream = io.BytesIO()
    # Four modules of white around it, as the standard asks for: also on a dark page.
    segno.make(address, error="m", micro=False).save(
        stream, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False, omitsize=True
    )
    st.image(stream.getvalue().decode(), width=width, alt=f"QR code of {address}")
    if urlsplit(address).hostname in _LOCAL:
        st.caption(
            "This address works on this computer alone. For phones, open the app by the address that the server has "
            "in your network."
        )


def show_button_of_page() -> None:
    """Shows a button that fills the window with the QR code of the page as it is now."""
    if st.button(
        "QR code of this page",
        icon=":material/qr_code_2:",
        key="qr_code",
        width="stretch",
        help="Thirty phones open what you see here: page, network, image and all that the address says.",
    ):
        _show_large()


@st.dialog("This page on other devices", width="large")
def _show_large() -> None:
    address = page_address({name: st.query_params[name] for name in st.query_params})
    if address is None:
        st.info("The browser has not told the address of this page. Load it again.", icon=":material/info:")
        return
    show_qr_code(address, _LARGE_PX)
    st.code(address, language=None, wrap_lines=True)
