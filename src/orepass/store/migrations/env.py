"""Alembic's way in: the connection is given by :func:`orepass.store.database.migrate`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
