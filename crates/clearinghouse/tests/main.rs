//! The acts, from outside, in one program: what an act is made of is compiled where it is awaited, so a program of
//! its own for each file would compile nearly all acts once more.

mod acts;
mod arrive;
mod check;
mod claim;
mod coordinate;
mod engage;
mod known;
mod log;
mod provenance;
mod publish;
mod simulation;
mod submit;
mod validate;
mod welcome;
mod who;
mod withdraw;
mod world;
