//! A finding's way, one file a step; pure.
