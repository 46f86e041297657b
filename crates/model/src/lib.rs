//! Talk to a model endpoint: chat, responses, messages; streaming.
