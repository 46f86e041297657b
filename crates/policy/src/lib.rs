//! Who may do what to which: policy files, and the table they amount to.
