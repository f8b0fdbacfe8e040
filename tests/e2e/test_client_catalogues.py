"""ftpool's message catalogues: the template is what the sources say, and each language is whole."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "po").glob("*.po"))


def messages(text):
    """The untranslated messages of a catalogue."""
    parts = re.findall(r'^msgid(?:_plural)? ((?:".*"\n)+)', text, re.MULTILINE)
    return {"".join(re.findall(r'"(.*)"\n', part)) for part in parts} - {""}


def test_template_is_up_to_date():
    sources = sorted(path.relative_to(ROOT) for path in (ROOT / "client").glob("*.c"))
    made = subprocess.run(["xgettext", "--from-code=UTF-8", "-k_", "-kN_", "-kngettext:1,2",
                           "--omit-header", "-o", "-", *sources],
                          cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert messages(made) == messages((ROOT / "po/ftpool.pot").read_text())


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_catalogue_is_whole(catalogue):
    done = subprocess.run(["msgfmt", "--check", "--statistics", "-o", "/dev/null", catalogue],
                          capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\d+ translated messages\.\n", done.stderr), done.stderr
    assert messages(catalogue.read_text()) == messages((ROOT / "po/ftpool.pot").read_text())
