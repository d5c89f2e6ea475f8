"""The demonstration's documents are what they are called, and say what is searched in them."""

from tempfile import TemporaryFile

from app.core.text import shadowed
from app.demo.materials import _KINDS, described
from app.materials.files import reading


def test_documents_say_what_is_kept_of_them():
    files = [each for each in described() if each.url is None]
    assert len(files) == 30
    for each in files[::6] + [each for each in files if each.code.endswith((".pdf", ".md"))]:
        with TemporaryFile() as file:
            file.write(each.content)
            kind = reading.kind_of(file)
            assert kind == _KINDS[f".{each.code.rpartition('.')[2]}"].replace("markdown", "plain")
            said = reading.text_of(file, kind)
        assert (said.text, said.shadow) == shadowed("\n".join(each.paragraphs))
