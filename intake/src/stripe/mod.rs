//! What Stripe sends and answers.
