//! Action: what can be done at all, each to one kind of thing.

use std::fmt;

use crate::thing::Kind;

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $word:literal on $kind:ident,)*) => {
        /// Everything that can be done. A route names the one it asks for, and the table has a part for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// All of them, thing by thing.
            pub const ALL: &'static [Action] = &[$(Action::$variant,)*];

            /// The word of the policy files and of the log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Action::$variant => $word,)* }
            }

            /// The kind of thing it is done to.
            pub const fn on(self) -> Kind {
                match self { $(Action::$variant => Kind::$kind,)* }
            }
        }
    };
}

actions! {
    /// Read pages, keys and documents that are for everyone.
    SeePublic "see_public" on Instance,
    /// Read the aggregate numbers.
    SeeNumbers "see_numbers" on Instance,
    /// Ask whether a scanner's authorization is good.
    VerifyAuthorization "verify_authorization" on Instance,
    /// Prove who one is, or accept an invitation.
    SignIn "sign_in" on Instance,
    /// See who scans what.
    SeeBoard "see_board" on Instance,
    /// See which organizations take part.
    SeeDirectory "see_directory" on Instance,
    /// See what waits for oneself and one's organization.
    SeeWork "see_work" on Instance,
    /// See what waits for the staff.
    SeeQueue "see_queue" on Instance,
    /// Hand over a report, or its hash ahead of it.
    Submit "submit" on Instance,
    /// Ask whether one's own evidence is of something known.
    CheckKnown "check_known" on Instance,
    /// Say what one is going to scan.
    Claim "claim" on Instance,
    /// Ask whether a model would be looked at.
    Engage "engage" on Instance,
    /// Commit to a suite, a plan or a run, ahead of it.
    CommitRun "commit_run" on Instance,
    /// Take in organizations, suspend them, set what the instance does.
    Administer "administer" on Instance,

    /// Read the log, its proofs and its checkpoints.
    SeeLog "see_log" on Log,

    /// See an organization's page and the terms it takes reports on.
    SeeOrganization "see_organization" on Organization,
    /// See who is in it.
    SeeMembers "see_members" on Organization,
    /// Set the terms on which it takes reports, and its pace.
    SetPolicy "set_policy" on Organization,
    /// Allow a scan of what is its own.
    AuthorizeScan "authorize_scan" on Organization,
    /// Take out all that is its own.
    Export "export" on Organization,
    /// See what its members did.
    SeeActs "see_acts" on Organization,
    /// Rename it.
    SetOrganization "set_organization" on Organization,
    /// Say where its notices go.
    SetNotices "set_notices" on Organization,
    /// Invite a member.
    Invite "invite" on Organization,
    /// Change a member's role, or remove them.
    SetRole "set_role" on Organization,
    /// Leave for good.
    Leave "leave" on Organization,

    /// See an account with its sessions and tokens.
    SeeAccount "see_account" on Account,
    /// Set password, code device, passkeys and recovery codes.
    SetCredentials "set_credentials" on Account,
    /// Make a token that acts for the account.
    MakeToken "make_token" on Account,
    /// End a session.
    EndSession "end_session" on Account,
    /// End a token.
    EndToken "end_token" on Account,

    /// See a claim.
    SeeClaim "see_claim" on Claim,
    /// Extend, split or give back a claim.
    ChangeClaim "change_claim" on Claim,
    /// See an authorization.
    SeeAuthorization "see_authorization" on Authorization,
    /// Take an authorization back.
    RevokeAuthorization "revoke_authorization" on Authorization,

    /// Read a report.
    SeeReport "see_report" on Report,
    /// Download the input that shows the flaw.
    SeeProof "see_proof" on Report,
    /// Ask for a proof to be re-run.
    Validate "validate" on Report,
    /// End the re-run of a proof.
    CancelValidation "cancel_validation" on Report,
    /// Add evidence to a report.
    AddProof "add_proof" on Report,
    /// Add to a report's history, or tighten its terms.
    ExtendReport "extend_report" on Report,
    /// Take a report back.
    WithdrawReport "withdraw_report" on Report,
    /// Say which finding a report belongs to.
    MoveReport "move_report" on Report,

    /// Read a finding.
    SeeFinding "see_finding" on Finding,
    /// Take a finding in hand, or give it back.
    HoldFinding "hold_finding" on Finding,
    /// Say whether two that look alike are the same.
    DecideUnsure "decide_unsure" on Finding,
    /// Join two findings.
    Merge "merge" on Finding,
    /// Undo a merge.
    Split "split" on Finding,
    /// Set the facts that its date is decided by.
    Prioritize "prioritize" on Finding,

    /// See that there is a case, and of it what one's part allows.
    SeeCase "see_case" on Case,
    /// Write to the participants.
    Message "message" on Case,
    /// Say whether a product is affected.
    SetVerdict "set_verdict" on Case,
    /// Propose a day.
    ProposeEmbargo "propose_embargo" on Case,
    /// Accept a proposed day, or counter it.
    AnswerEmbargo "answer_embargo" on Case,
    /// Say that the flaw leaked or is exploited.
    RaiseAlarm "raise_alarm" on Case,
    /// Take the case a stage further.
    MoveCase "move_case" on Case,
    /// Take a case in hand, or give it back.
    HoldCase "hold_case" on Case,
    /// Bring an organization in, or let it go.
    AddParticipant "add_participant" on Case,
    /// Give the case to another coordinator, or take one over.
    HandOff "hand_off" on Case,
    /// End an embargo early, by evidence.
    EndEmbargo "end_embargo" on Case,
    /// Read what is going to be published.
    SeeDraft "see_draft" on Case,
    /// Write what is going to be published.
    DraftAdvisory "draft_advisory" on Case,
    /// Tell everyone.
    Publish "publish" on Case,
    /// Take the case back and destroy its key.
    WithdrawCase "withdraw_case" on Case,

    /// Read an advisory.
    SeeAdvisory "see_advisory" on Advisory,
    /// Correct an advisory.
    ReviseAdvisory "revise_advisory" on Advisory,
    /// Withdraw an advisory.
    WithdrawAdvisory "withdraw_advisory" on Advisory,

    /// See that there is an engagement, and of it what one's seat allows.
    SeeEngagement "see_engagement" on Engagement,
    /// Do in it what is one's seat's: take it up, sign terms, commit, hand in, comment, ask again.
    TakePart "take_part" on Engagement,
    /// Say what one thinks when heard, and declare what might sway one.
    GiveOpinion "give_opinion" on Engagement,
    /// Propose, share, determine, review and lift: the official's acts.
    Designate "designate" on Engagement,
    /// Tell that a model is or will be released.
    TellRelease "tell_release" on Engagement,
    /// Leave it.
    WithdrawEngagement "withdraw_engagement" on Engagement,
    /// Read the developer's own record.
    SeeRecord "see_record" on Engagement,
    /// Write in it, and take out of its public copy.
    WriteRecord "write_record" on Engagement,
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
