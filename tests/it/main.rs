//! What crosses processes: the binary as its users and other programs see it.

mod away;
mod bad_input;
mod compare;
mod console;
mod contract;
mod documents;
mod drift;
mod explain;
mod full_disk;
mod kill;
mod mongo;
mod ping;
mod plain;
mod predict;
mod proxy;
mod pty;
mod read_only;
mod rejected;
mod results;
mod runs_table;
mod schema;
mod store;
mod support;
mod terminal;
mod train;
mod uci;
