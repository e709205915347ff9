"""The store: tables, migrations, the journal and the ledger through which everything is written. Knows no rule of procedure."""
