//! Claims: whole nodes with their loops.
