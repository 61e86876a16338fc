from __future__ import annotations

import subprocess
import sys

from scripts.setup import ROOT

# In a process of its own: the finder would stay in this one
PROGRAM = """
import json
from scripts.left_out import LeftOutError, leave_out
leave_out()
import aio_pika, pymongo
from boto3.dynamodb.conditions import Key

class Store(pymongo.collection.Collection):
    def connect(self) -> aio_pika.abc.AbstractRobustConnection: ...

try:
    Key("conversation")
except LeftOutError as error:
    print(error)
print(json.dumps("others are found as ever"))
"""


def test_placeholders_can_be_inherited_from_and_say_what_they_are_when_called() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told, others = done.stdout.splitlines()
    assert "boto3.dynamodb.conditions.Key" in told
    assert "scripts/left_out.py" in told
    assert others == '"others are found as ever"'
