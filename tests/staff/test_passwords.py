from __future__ import annotations

import pytest

from helpline.staff import passwords


def test_a_password_is_kept_as_argon2id_and_matches() -> None:
    hashed = passwords.hash_password("correct horse battery")
    assert hashed.startswith("$argon2id$")
    assert passwords.matches(hashed, "correct horse battery")
    assert not passwords.matches(hashed, "correct horse batterz")
    assert not passwords.is_outdated(hashed)


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")
    assert passwords.matches(weak, "correct horse battery")
    assert passwords.is_outdated(weak)


def test_without_an_account_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed)
            return verify(hashed, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    real = passwords._NOBODY
    assert not passwords.matches(None, "anything")
    assert not passwords.matches(None, "x" * 10_000)
    assert len(checked) == 2
    # Same algorithm and costs as a real hash
    assert checked[0].rpartition("$")[0].rpartition("$")[0] == real.rsplit("$", 2)[0]


def test_a_broken_hash_matches_nothing() -> None:
    assert not passwords.matches("not a hash", "not a hash")


def test_a_generated_password_is_long_random_and_easy_to_type() -> None:
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        groups = password.split("-")
        assert [len(group) for group in groups] == [4] * 5
        assert not set("".join(groups)) & set("ilo01")
        assert passwords.problem_with(password, "admin") is None


@pytest.mark.parametrize(
    ("password", "part"),
    [
        ("short words", "too short"),
        ("x" * 257, "too long"),
        ("rita is my name", "your name"),
        ("RITA is my name", "your name"),
        ("aaaaaaaaaaaabb", "repeats"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason(password: str, part: str) -> None:
    problem = passwords.problem_with(password, "rita")
    assert problem is not None
    assert part in problem


def test_words_make_a_good_password() -> None:
    assert passwords.problem_with("two old boats drift", "rita") is None
