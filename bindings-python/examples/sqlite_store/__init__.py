"""A store of one's own, on nothing but the standard library: `Onboarding(SqliteStore("onboarding.sqlite"))`.

The package brings a SQLite store along, which is faster. This one shows what a host writes whose records have to live
elsewhere: in its own database, beside its own tables. Read it in this order:

* `schema.sql`: the tables, with what must be unique and what must be there.
* `tables.py`: how a record becomes a row, and a row a record.
* `database.py`: connections and transactions.
* `commits.py`: change sets, the only way in which anything is written.
* `lists.py`: filters and sort keys as SQL.
* `store.py`: `SqliteStore`, which has the methods of `misp_onboarding.stores.Store`.

`misp_onboarding.testing.check_store` runs the same suite on it as on the stores of the package.
"""

from .store import SqliteStore

__all__ = ["SqliteStore"]
