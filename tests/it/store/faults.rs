//! What a store makes of a server and a network that fail.

mod mongo;
