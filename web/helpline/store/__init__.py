"""The one lasting record of the helpline: models, migrations and queries."""
