"""Pictures as SVG: what runs, loads or leads elsewhere goes, all else stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckgen.rendering.svg import clean_svg

OPENING = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def cleaned(inside: str) -> str:
    """A picture with that in it, cleaned; nothing else of it may be gone."""
    picture = clean_svg(f'{OPENING}{inside}<circle r="3" fill="red"/></svg>'.encode())
    assert picture is not None
    text = picture.content.decode()
    assert 'viewBox="0 0 9 9"' in text
    assert '<circle r="3" fill="red"' in text
    assert picture.is_sanitised == (inside not in text)
    return text


@pytest.mark.parametrize(
    "inside",
    [
        '<g id="a"><use href="#b"/><use xlink:href="#b"/></g>',
        '<rect style="fill: url(#grad); stroke: #333"/>',
        "<style>.a { fill: red } .b { fill: url(#x) }</style>",
        '<image href="data:image/png;base64,AAAA"/>',
        "<text>onload=alert(1) javascript:x</text>",
        '<animate attributeName="r" from="1" to="3"/>',
        "<!-- a comment --><title>T</title><desc>D</desc>",
        '<path d="M0 0 L9 9" marker-end="url(#arrow)"/>',
        "<i:namedview xmlns:i='http://www.inkscape.org/namespaces/inkscape' zoom='2'/>",
        "<filter><feGaussianBlur stdDeviation='2'/></filter>",
    ],
)
def test_a_harmless_picture_stays_as_it_is(inside: str) -> None:
    content = f"<?xml version='1.0'?>\n{OPENING}{inside}</svg>\n".encode()
    picture = clean_svg(content)
    assert picture is not None
    assert (picture.content, picture.is_sanitised) == (content, False)


@pytest.mark.parametrize(
    ("inside", "gone"),
    [
        ("<h:meta xmlns:h='http://www.w3.org/1999/xhtml' http-equiv='refresh' content='0;url=//x'/>", "refresh"),
        ("<h:p xmlns:h='http://www.w3.org/1999/xhtml'>words</h:p>", "words"),
        ("<video src='#v'/>", "video"),
        ("<whatever/>", "whatever"),
        ("<script>alert(1)</script>", "alert"),
        ("<script><![CDATA[alert(1)]]></script>", "alert"),
        ("<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>", "alert"),
        ("<h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script>", "alert"),
        ('<rect onclick="alert(1)"/>', "alert"),
        ('<rect ONLOAD="alert(1)"/>', "alert"),
        ('<a href="javascript:alert(1)"><text>x</text></a>', "alert"),
        ('<a xlink:href=" javascript:alert(1)"><text>x</text></a>', "alert"),
        ('<a href="java&#9;script:alert(1)"><text>x</text></a>', "alert"),
        (
            "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='//x'/></body></foreignObject>",
            "iframe",
        ),
        ('<image href="https://example.org/track.png"/>', "example.org"),
        ('<image href="file:///etc/passwd"/>', "passwd"),
        ('<image href="other.svg"/>', "other.svg"),
        ('<use xlink:href="https://example.org/a.svg#x"/>', "example.org"),
        ('<use href="data:image/svg+xml,%3Csvg onload=alert(1)%3E"/>', "alert"),
        ("<style>@import url(https://example.org/a.css); .a { fill: red }</style>", "example.org"),
        ("<style>.a { background: url('https://example.org/a.png') }</style>", "example.org"),
        ("<style>.a { background: u\\72l(https://example.org/a.png) }</style>", "\\72l"),
        ('<rect style="fill: url(https://example.org/a.svg#x)"/>', "example.org"),
        ('<rect fill="url(//example.org/a.svg#x)"/>', "example.org"),
        ('<set attributeName="href" to="javascript:alert(1)"/>', "alert"),
        ('<animate attributeName="xlink:href" values="javascript:alert(1)"/>', "alert"),
        ('<set attributeName="onclick" to="alert(1)"/>', "alert"),
        ('<feImage href="https://example.org/x.png"/>', "example.org"),
    ],
)
def test_what_does_harm_goes(inside: str, gone: str) -> None:
    assert gone not in cleaned(inside)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<html><script>alert(1)</script></html>",
        b"<svg>",
        b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>",
        b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        b"<?xml version='1.0' encoding='no-such'?><svg/>",
    ],
)
def test_what_no_browser_draws_is_refused(content: bytes) -> None:
    assert clean_svg(content) is None


def test_a_doctype_without_entities_is_common() -> None:
    content = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg xmlns="http://www.w3.org/2000/svg"/>'
    assert clean_svg(content) is not None


def test_other_encodings_are_read() -> None:
    content = f'<?xml version="1.0" encoding="utf-16"?>{OPENING}<script>alert(1)</script><text>中</text></svg>'
    picture = clean_svg(content.encode("utf-16"))
    assert picture is not None
    assert "alert" not in picture.content.decode()
    assert "中" in picture.content.decode()


def test_thousands_of_groups_in_one_another() -> None:
    deep = f"{OPENING}{'<g>' * 50_000}<script/>{'</g>' * 50_000}</svg>"
    assert clean_svg(deep.encode()) is None


@given(
    st.lists(
        st.sampled_from(["<g>", "</g>", "<script>", "</script>", "a", "&lt;", "<x onload='y'/>", "<", ">", "'", "\0"])
    )
)
def test_whatever_is_clean_stays_clean(pieces: list[str]) -> None:
    """Never an exception; and what comes out needs no cleaning any more."""
    picture = clean_svg(f"{OPENING}{''.join(pieces)}</svg>".encode())
    if picture is not None:
        again = clean_svg(picture.content)
        assert again is not None
        assert not again.is_sanitised
