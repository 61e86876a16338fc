from __future__ import annotations

from collections.abc import Callable

import pytest

from helpline.staff.throttle import (
    ACCOUNT_ATTEMPTS,
    ACCOUNT_SECONDS,
    ADDRESS_ATTEMPTS,
    ADDRESS_SECONDS,
    SignInThrottle,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Callable[[], float]) -> SignInThrottle:
    return SignInThrottle("a secret", clock)


def use_up(throttle: SignInThrottle, name: str, device: str | None = None) -> None:
    for number in range(ACCOUNT_ATTEMPTS):
        assert throttle.begin(name, f"192.0.2.{number}", device) == 0


def test_an_account_allows_a_few_attempts_whatever_the_address(
    throttle: SignInThrottle, clock: Clock
) -> None:
    use_up(throttle, "rita")
    assert throttle.begin("rita", "192.0.2.99", None) == ACCOUNT_SECONDS
    assert throttle.begin("lena", "192.0.2.99", None) == 0
    clock.now += ACCOUNT_SECONDS - 1
    assert throttle.begin("rita", "192.0.2.99", None) == pytest.approx(1)
    clock.now += 1
    assert throttle.begin("rita", "192.0.2.99", None) == 0


def test_an_address_allows_a_number_of_attempts_whatever_the_name(
    throttle: SignInThrottle, clock: Clock
) -> None:
    for number in range(ADDRESS_ATTEMPTS):
        assert throttle.begin(f"name{number}", "192.0.2.1", None) == 0
    assert throttle.begin("rita", "192.0.2.1", None) == ADDRESS_SECONDS
    assert throttle.begin("rita", "192.0.2.2", None) == 0
    clock.now += ADDRESS_SECONDS
    assert throttle.begin("rita", "192.0.2.1", None) == 0


def test_addresses_of_one_ipv6_network_count_as_one(throttle: SignInThrottle) -> None:
    for number in range(ADDRESS_ATTEMPTS):
        assert throttle.begin(f"name{number}", f"2001:db8::{number:x}", None) == 0
    assert throttle.begin("rita", "2001:db8::ffff", None) > 0


def test_success_forgets_the_failures_of_the_account(throttle: SignInThrottle) -> None:
    use_up(throttle, "rita")
    throttle.succeeded("rita", "192.0.2.4", None)
    use_up(throttle, "rita")


def test_success_does_not_count_against_the_address(throttle: SignInThrottle) -> None:
    for number in range(2 * ADDRESS_ATTEMPTS):
        assert throttle.begin(f"name{number}", "192.0.2.1", None) == 0
        throttle.succeeded(f"name{number}", "192.0.2.1", None)


def test_success_does_not_forget_the_failures_of_an_address(throttle: SignInThrottle) -> None:
    """Else whoever has one account could guess the others' passwords without end."""
    for number in range(ADDRESS_ATTEMPTS):
        assert throttle.begin(f"name{number}", "192.0.2.1", None) == 0
        if throttle.begin("own", "192.0.2.1", None) == 0:
            throttle.succeeded("own", "192.0.2.1", None)
    assert throttle.begin("rita", "192.0.2.1", None) > 0


def test_a_browser_that_signed_in_before_is_not_locked_out_by_others(
    throttle: SignInThrottle,
) -> None:
    device = throttle.new_device("rita")
    use_up(throttle, "rita")
    assert throttle.begin("rita", "192.0.2.50", None) > 0
    assert throttle.begin("rita", "192.0.2.50", device) == 0


def test_a_known_browser_has_a_limit_too(throttle: SignInThrottle) -> None:
    device = throttle.new_device("rita")
    use_up(throttle, "rita", device)
    assert throttle.begin("rita", "192.0.2.50", device) > 0


@pytest.mark.parametrize("device", [None, "", ".", "nonce", "nonce.wrong", "é.ü", "\udcff.x"])
def test_a_made_up_device_token_is_none(throttle: SignInThrottle, device: str | None) -> None:
    assert not throttle.is_device("rita", device)


def test_a_device_token_is_for_one_name_and_one_secret(throttle: SignInThrottle) -> None:
    device = throttle.new_device("rita")
    assert throttle.is_device("rita", device)
    assert not throttle.is_device("lena", device)
    assert not SignInThrottle("another secret").is_device("rita", device)
