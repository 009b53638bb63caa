"""The playbook: what is valid, how faults are told, and its version."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmine.domain import OBJECTION_LABELS
from callmine.errors import SettingsError
from callmine.playbook import TITLES, load_playbook, parse_playbook

COMPANY = '[company]\nname = "Larkmoor"\nproducts = ["Larkmoor Rota"]\n'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("playbook.toml", "company", "is missing; add company = …")),
        ('[company]\nnam = "X"', (":2: company.nam: unknown key", "did you mean 'name'")),
        (COMPANY + '[[competitor]]\nname = "X"', (":4: competitor: unknown key", "'competitors'")),
        (
            COMPANY + '[[competitors]]\nname = "Lantern"\n[[competitors]]\nalias = ["X"]\nname = "Y"\n',
            (":7: competitors[2].alias: unknown key", "did you mean 'aliases'", "known keys: name"),
        ),
        (COMPANY + '[[competitors]]\naliases = ["X"]', (":4: competitors[1].name: is missing; add name",)),
        (COMPANY + '[[competitors]]\nname = ""', (":5: competitors[1].name: must not be empty",)),
        (
            COMPANY + '[[objections]]\nlabel = "Data Residency"',
            (":5: objections[1].label: use small letters, digits and underscores",),
        ),
        (COMPANY + '[[objections]]\nlabel = "price"\nenabled = "maybe"', (":6: objections[1].enabled: ",)),
        (
            COMPANY + '[[trackers]]\nname = "outage"',
            ("trackers[1]: needs examples or words to listen for",),
        ),
        (
            COMPANY + '[[trackers]]\nname = "o"\nwords = ["x"]\nrole = "buyer"',
            (":7: trackers[1].role: ", "'rep', 'prospect' or 'any'"),
        ),
        (
            COMPANY + '[[answers]]\nobjection = "prize"\ntext = "x"',
            (":5: answers[1].objection: 'prize' is neither built in", "did you mean 'price'"),
        ),
        (
            COMPANY + '[[competitors]]\nname = "A"\n[[competitors]]\nname = "B"\naliases = ["a"]',
            (":8: competitors[2].aliases: the name 'a' belongs to both A and B",),
        ),
        (
            COMPANY + '[[competitors]]\nname = "larkmoor rota"',
            (":5: competitors[1].name: the name 'larkmoor rota' is our own",),
        ),
        (
            COMPANY + '[[messages]]\nid = "m"\ntext = "x"\n[[messages]]\nid = "m"\ntext = "y"',
            (":8: messages[2].id: the message id 'm' is there twice; keep one",),
        ),
        (
            COMPANY
            + '[[trackers]]\nname = "outage"\nwords = ["x"]\n[[trackers]]\nname = "Outage"\nwords = ["y"]',
            (":8: trackers[2].name: the tracker 'Outage' is there twice; keep one",),
        ),
        (
            COMPANY + '[[messages]]\nid = "Fast Close"\ntext = "x"',
            (":5: messages[1].id: use small letters, digits and underscores, or hyphens",),
        ),
        (
            COMPANY
            + 'domains = ["https://www.acme.com/", "Jo Lee <jo@acme.example>", "acme", "@ok.example"]',
            (
                ":4: company.domains[1]: 'https://www.acme.com/' is not a mail domain; write \"acme.com\"",
                ":4: company.domains[2]: 'Jo Lee <jo@acme.example>' is not a mail domain; write \"acme.ex",
                ":4: company.domains[3]: 'acme' is not a mail domain",
            ),
        ),
        (COMPANY + '[[objections]]\nlabel = "price"\nenabled = "no"', (":6: ", "write true or false")),
        (
            COMPANY + '[[objections]]\nlabel = "pricing"',
            (":5: objections[1].label: ", 'add examples = ["…", "…"] (did you mean \'price\'?)'),
        ),
        (COMPANY + '[competitors]\nname = "A"', (":4: competitors: use double brackets: [[competitors]]",)),
        ('competitors = ["A"]\n' + COMPANY, (":1: competitors[1]: use double brackets: [[competitors]]",)),
        ('company = "A"', (":1: company: use single brackets: [company]",)),
        (
            COMPANY + '[[competitors]]\nname = "A"\naliases = "B"',
            (':6: competitors[1].aliases: write a list: ["B"]',),
        ),
        ("[company]\nname = 3", (':2: company.name: write text in quotes: "…"',)),
        ("[company", ("playbook.toml:1: not valid TOML: ",)),
        (COMPANY + "x = ", ("playbook.toml:4: not valid TOML: ",)),
        (COMPANY + "x =\ny = 1", ("playbook.toml:4: not valid TOML: ",)),
        ("a = " + "[" * 5000, ("playbook.toml: not valid TOML",)),
    ],
)
def test_a_fault_names_file_line_key_and_remedy(text: str, parts: tuple[str, ...]) -> None:
    """A marketer can go to the line and knows what to write there."""
    with pytest.raises(SettingsError) as raised:
        parse_playbook(text, name="here/playbook.toml")
    assert raised.value.message.startswith("here/playbook.toml")
    for part in parts:
        assert part in raised.value.message
    assert raised.value.hint


def test_all_faults_are_told_at_once() -> None:
    """Three faults are three lines, each with its own place."""
    text = COMPANY + '[[competitors]]\nnme = "A"\n[[messages]]\nid = "m"\ntxt = "x"\n'
    with pytest.raises(SettingsError) as raised:
        parse_playbook(text)
    lines = raised.value.message.splitlines()
    assert len(lines) == 4  # two unknown keys, two missing ones
    assert sum("unknown key" in line for line in lines) == 2


def test_faults_between_sections_are_told_with_the_others() -> None:
    """A faulty value hides no repeated name: every fault of the file is told, by line, none twice."""
    text = COMPANY + (
        'domains = ["x"]\n[[competitors]]\nname = "A"\n[[competitors]]\nname = "a"\n'
        'aliases = ["Larkmoor"]\n[[answers]]\nobjection = "prize"\ntext = ""\n'
        '[[objections]]\nlabel = "Not One"\n[[trackers]]\nname = "t"\nrole = "buyer"\n'
    )
    with pytest.raises(SettingsError) as raised:
        parse_playbook(text)
    places = [":".join(line.split(":")[1:3]) for line in raised.value.message.splitlines()]
    assert places == [
        "4: company.domains[1]",
        "8: competitors[2].name",
        "9: competitors[2].aliases",
        "11: answers[1].objection",
        "12: answers[1].text",
        "14: objections[1].label",
        "15: trackers[1]",
        "17: trackers[1].role",
    ]


def test_file_faults(tmp_path: Path) -> None:
    """A missing file and one that is not text are told, with what to do."""
    with pytest.raises(SettingsError, match="no such playbook"):
        load_playbook(tmp_path / "playbook.toml")
    (tmp_path / "playbook.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_playbook(tmp_path / "playbook.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_playbook(tmp_path)


def test_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Notepad's mark at the beginning of the file is ignored."""
    (tmp_path / "playbook.toml").write_bytes(b"\xef\xbb\xbf" + COMPANY.encode())
    assert load_playbook(tmp_path / "playbook.toml").company.name == "Larkmoor"


def test_only_the_company_is_needed() -> None:
    """Everything else is optional, and the twelve objections are built in."""
    playbook = parse_playbook('[company]\nname = "X"\n')
    assert playbook.titles() == TITLES
    assert tuple(TITLES) == OBJECTION_LABELS


def test_labels_are_added_renamed_and_switched_off() -> None:
    """A section with a built-in label changes it; another one adds a label with a readable title."""
    playbook = parse_playbook(
        COMPANY
        + '[[objections]]\nlabel = "price"\ntitle = "Price and budget"\n'
        + '[[objections]]\nlabel = "brush_off"\nenabled = false\n'
        + '[[objections]]\nlabel = "data_residency"\nexamples = ["it has to stay in Germany"]\n'
    )
    titles = playbook.titles()
    assert titles["price"] == "Price and budget"
    assert "brush_off" not in titles
    assert titles["data_residency"] == "Data residency"
    assert "brush_off" in playbook.titles(all_labels=True)


def test_version_follows_the_content_only() -> None:
    """Comments and spacing keep the version; a new alias changes it."""
    one = parse_playbook(COMPANY + '[[competitors]]\nname = "Lantern"\n')
    same = parse_playbook("# mine\n" + COMPANY + '\n\n[[competitors]]\nname="Lantern" # the one\n')
    other = parse_playbook(COMPANY + '[[competitors]]\nname = "Lantern"\naliases = ["L"]\n')
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_names_for_the_recogniser_come_most_telling_first() -> None:
    """Competitors, then our own names, then aliases, each once; misheard spellings never."""
    playbook = parse_playbook(
        COMPANY
        + '[[competitors]]\nname = "Lantern"\naliases = ["Lantern Shift"]\nheard_as = ["lan turn"]\n'
    )
    assert playbook.vocabulary == ("Larkmoor", "Larkmoor Rota", "Lantern", "Lantern Shift")
