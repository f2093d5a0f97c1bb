//! The systems that ship with Syncline.
