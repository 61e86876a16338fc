"""Each recogniser at its borders: checksums, lengths, what is kept, and what overlaps."""

from __future__ import annotations

import pytest

from helpline.privacy.personal_numbers import luhn, nhs_checksum
from helpline.privacy.personal_phones import digits_of
from helpline.privacy.redaction import Redacted, redact


@pytest.mark.parametrize(
    ("number", "passes"),
    [
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1112", False),
        ("1411111111111111", False),
        ("378282246310005", True),
        ("5555555555554444", True),
        ("4222222222222", True),
        ("422222222222", False),
        # Right by its checksum, but a digit shorter or longer than cards are
        ("400000000006", False),
        ("4000000000000000006", True),
        ("40000000000000000002", False),
        ("0000000000000000", False),
    ],
)
def test_the_checksum_of_a_card(number: str, passes: bool) -> None:
    assert luhn(number) is passes


@pytest.mark.parametrize(
    ("number", "passes"),
    [
        ("943 476 5919", True),
        ("9434765919", True),
        ("9434765918", False),
        ("9434765991", False),
        ("4010232137", True),
        # The rest is 0, and the check digit then is 0
        ("1000000060", True),
        # The check digit would be ten: there is no such number
        ("1000000010", False),
        ("943476591", False),
        ("94347659190", False),
        ("1111111111", False),
    ],
)
def test_the_checksum_of_an_nhs_number(number: str, passes: bool) -> None:
    assert nhs_checksum(number) is passes


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+1 (202) 555-0173", "2025550173"),
        ("202.555.0173", "2025550173"),
        ("22025550173", "22025550173"),
        ("120255501734", "120255501734"),
        ("112", "112"),
    ],
)
def test_the_digits_of_a_number_leave_out_the_us_code_only(number: str, digits: str) -> None:
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # Counting is nobody's number, up or down; one out of order is
        ("1 2 3 4 5 6 7 8 9 0", "1 2 3 4 5 6 7 8 9 0"),
        ("8 9 0 1 2 3 4 5 6 7", "8 9 0 1 2 3 4 5 6 7"),
        ("9 8 7 6 5 4 3 2 1 0", "9 8 7 6 5 4 3 2 1 0"),
        ("1 2 3 4 5 6 7 9 8 0", "[phone number]"),
        # Several numbers, each by its own way of writing
        (
            "202-555-0101, 202-555-0102, 202-555-0103, 202-555-0104, 202-555-0105",
            "[phone number], [phone number], [phone number], [phone number], [phone number]",
        ),
        # Seven spoken digits are a phone number, six are not; "double" counts twice
        ("five five five oh one seven three", "[phone number]"),
        ("five five five oh one seven", "five five five oh one seven"),
        ("it was five, five years ago", "it was five, five years ago"),
        # Free numbers of organisations are kept, others are not
        ("the pharmacy is 800-555-0199", "the pharmacy is 800-555-0199"),
        ("reach me at 800-555-0199", "reach me at [phone number]"),
        # Numbers that begin with 0 have nine digits or more, others ten
        ("042 555 019", "[phone number]"),
        ("042 555 01", "042 555 01"),
        ("between 2025550173 and 3", "between 2025550173 and 3"),
        # Years and doses in a row
        ("relapses in 2011 2013 2015 2018", "relapses in 2011 2013 2015 2018"),
        ("0.25 0.25 0.5 0.75", "0.25 0.25 0.5 0.75"),
        ("2026-11-22", "2026-11-22"),
        # A number that is introduced is what it is called, also where it looks like another
        ("my ssn is 202-555-0173", "my ssn is [social security number]"),
        ("my mrn is 2025550173", "my mrn is [record number]"),
        ("123-45-6789 is my social", "[social security number] is my social"),
        ("1EG4-TE5-MK73", "[Medicare number]"),
        ("1EG4-TE5-MK73 is my medicare number", "[Medicare number] is my medicare number"),
        ("943 476 5919 is my nhs number", "[NHS number] is my nhs number"),
        ("the nhs number is 943 476 5918", "the nhs number is [NHS number]"),
        ("QQ123456C", "QQ123456C"),
        ("AB 12 34 56 C", "[social security number]"),
        ("4111 1111 1111 1111", "[card number]"),
        ("cvv 123", "cvv [card number]"),
        ("born 3/4/1961", "born [date of birth]"),
        ("3/4/1961 is my birthday", "[date of birth] is my birthday"),
        # An address is left out with its flat and its town
        ("I live at 12 Maple Street Apt 4, Austin, TX 78701", "I live at [street address]"),
        ("12 minutes street", "12 minutes street"),
        ("9 The Crescent", "[street address]"),
        ("the zip code is 90210-1234", "the zip code is [street address]"),
        ("my zip code is 90210", "my zip code is [street address]"),
        # What names a website names nobody
        ("I looked at example dot org", "I looked at example dot org"),
        ("jane dot doe at example dot org", "[e-mail address]"),
        ("mail jane@example.com.", "mail [e-mail address]."),
    ],
)
def test_where_a_recogniser_begins_and_ends(text: str, left: str) -> None:
    assert redact(text).text == left


def test_what_overlaps_is_left_out_as_one_and_whole() -> None:
    text = "I'm Jane Doe, jane.doe@example.com 202-555-0173, 12 Maple Street"
    assert redact(text).text == "I'm [name], [e-mail address] [phone number], [street address]"
    # The name reaches into the address: the surer of the two is widened over both
    together = redact("my name is Jane jane@example.com")
    assert together == Redacted("my name is [e-mail address]", ("e-mail address",))


def test_a_kind_is_named_in_the_order_of_the_text() -> None:
    assert redact("202-555-0173, I'm Jane Doe").kinds == ("phone number", "name")


@pytest.mark.parametrize(
    "zero",
    [0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6],
    ids=hex,
)
def test_digits_of_other_scripts_are_read_as_what_they_are(zero: int) -> None:
    def drawn(number: str) -> str:
        return "".join(chr(zero + int(each)) if each.isdigit() else each for each in number)

    # All ten digits stand in the two numbers, one of which is to stay
    kept, other = "1-800-344-4867", "202-555-0193"
    left = redact(f"{drawn(kept)} or {drawn(other)}", keep_numbers=[kept])
    assert left.text == f"{drawn(kept)} or [phone number]"


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("ten", "10"), ("eleven", "11"), ("twelve", "12"), ("thirteen", "13"), ("fourteen", "14"),
        ("fifteen", "15"), ("sixteen", "16"), ("seventeen", "17"), ("eighteen", "18"),
        ("nineteen", "19"), ("twenty", "20"), ("thirty", "30"), ("forty", "40"), ("fifty", "50"),
        ("sixty", "60"), ("seventy", "70"), ("eighty", "80"), ("ninety", "90"),
        ("oh one", "01"), ("zero two", "02"), ("nought three", "03"), ("four five", "45"),
        ("six seven", "67"), ("eight nine", "89"), ("double four", "44"), ("cero uno", "01"),
        ("dos tres", "23"), ("cuatro cinco", "45"), ("seis siete", "67"), ("ocho nueve", "89"),
    ],
)  # fmt: skip
def test_spoken_numbers_have_their_digits(words: str, digits: str) -> None:
    """A number that is kept stays however it is said, and another like it does not."""
    said = f"call five five five three {words} seven"
    assert redact(said, keep_numbers=[f"5553{digits}7"]).text == said
    assert redact(said, keep_numbers=[f"5553{digits}8"]).text == "call [phone number]"


def test_hundreds_and_repeated_digits_are_read_out() -> None:
    said = "call eight hundred triple five treble two one"
    assert redact(said, keep_numbers=["8005552221"]).text == said
    assert redact(said, keep_numbers=["8005552222"]).text == "call [phone number]"


@pytest.mark.parametrize(
    "tens",
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty "
    "forty fifty sixty seventy eighty ninety".split(),
)
def test_six_spoken_digits_are_no_number_whatever_their_words(tens: str) -> None:
    said = f"it was five six seven one {tens} of them"
    assert redact(said).text == said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # One digit over and over is nobody's number, unless it is said to be one
        ("0000000000", "0000000000"),
        ("my phone is 0000000000", "my phone is [phone number]"),
        # Amounts, and what stands between them
        ("about 2025550173 people", "about 2025550173 people"),
        ("the trial number 2025550173", "the trial number 2025550173"),
        # Signs as a phone of the far east writes them; what stands around them stays whole
        ("call ＋1 202-555-0173 please", "call [phone number] please"),
        ("mail jane＠example．com please", "mail [e-mail address] please"),
        # Sixteen digits and more are no phone number
        ("reach me on 123456789012345", "reach me on [phone number]"),
        ("reach me on 1234567890123456", "reach me on 1234567890123456"),
        ("reach me on 555017", "reach me on 555017"),
    ],
)
def test_what_is_too_much_or_too_little_for_a_phone(text: str, left: str) -> None:
    assert redact(text).text == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ring me on 07700 900123 07700 900124", "ring me on [phone number] [phone number]"),
        ("07700 900123 / 0161 496 0001", "[phone number] / [phone number]"),
        (
            "020 7946 0000 0161 496 0001, 07700900123",
            "[phone number] [phone number], [phone number]",
        ),
        ("2025550173/2025550174", "[phone number]/[phone number]"),
        ("202-555-0173,202-555-0174", "[phone number],[phone number]"),
        ("tel 8675309", "tel [phone number]"),
        ("five five five one one one one", "[phone number]"),
        # Rows of numbers that are nobody's
        ("my scores were 12 14 16 18 20 22 24 26 28", "my scores were 12 14 16 18 20 22 24 26 28"),
        ("05/06/2024 07/08/2025", "05/06/2024 07/08/2025"),
        ("MRI 2012 2014 2016 2018 2020 2022", "MRI 2012 2014 2016 2018 2020 2022"),
    ],
)
def test_numbers_one_after_the_other(text: str, left: str) -> None:
    assert redact(text).text == left


@pytest.mark.parametrize(
    "line", ["988", "911", "999", "112", "111", "116 123", "116-123", "741741", "838255", "85258"]
)
@pytest.mark.parametrize(
    "said", ["{}", "call {} now", "text HOME to {}", "my phone is for {}", "tel: {}", "call: +{}"]
)
def test_lines_for_people_in_danger_stay(line: str, said: str) -> None:
    text = said.format(line)
    assert redact(text, keep_numbers=[]).text == text
