//! Where advisories come from: folders, archives and addresses.
