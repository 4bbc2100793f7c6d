//! What calls fail with.

mod catalog;
mod declare;
mod field;
mod onboarding;
mod path;
mod store;
mod transfer;

pub use field::FieldError;
pub use onboarding::OnboardingError;
pub use path::PathError;
pub use store::StoreError;
pub use transfer::TransferError;
