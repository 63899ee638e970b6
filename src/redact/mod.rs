//! The only room that changes user files: operators, plan, guard, application, receipt.
pub mod operator;
