//! All SQL, one noun a file, SQLite and PostgreSQL.
