//! What a mail says: what happened in general, and where to read on. Nothing of a case.

/// As whom somebody reads a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Whom it is about, or who works on it.
    Concerned,
    /// Whoever runs the programme, about somebody else.
    Administrator,
    /// Somebody who has never signed in.
    Newcomer,
}

/// The text of a message: what happened in general, and where to read on.
pub(super) fn text(template: &str, reader: Reader, link: &str) -> String {
    let what = match template {
        "passkeys-replaced" if reader == Reader::Concerned => {
            "Your passkeys were replaced, because you were said to have lost them. If you did not ask for it, tell an \
             administrator at once."
        }
        "recovery-agreed" if reader == Reader::Concerned => {
            "Two administrators agreed that you lost your passkeys. After a wait, which your account page names, your passkeys \
             and sessions end and a link to make new ones goes to your first address. If you did not ask for it, stop it now \
             on your account page."
        }
        "recovery-stopped" if reader == Reader::Concerned => {
            "The request for new passkeys of yours was stopped. Your passkeys go on working."
        }
        "new-report" => "A new report has come in. Somebody should answer its reporter.",
        "invitation" => {
            "You are invited to take part in a case. You will see its content after you agree to its embargo."
        }
        "embargo" => "The embargo of a case has changed or is about to. Please say whether you agree.",
        "dates" => "Release and announcement dates were proposed or set.",
        "published" => "An advisory of a case that you take part in is public.",
        "deadline" => "Something is due, or was not done in time.",
        "escalation" => {
            "A disclosure deadline has passed and nothing approved could be published. Somebody has to decide."
        }
        "clock-failed" => {
            "What is due in a case could not be done, for instance a publication at its date. The clock tries again every \
             hour. Somebody who works on the case should look at it, and whoever runs the desk at its log."
        }
        "conduct" => "Something about your conduct was decided. You can read why, and appeal.",
        "proposal" => {
            "Somebody proposed a change that needs a second person. Please look at it and approve or refuse it."
        }
        "role-offered" => "You were offered a role at the security desk. It begins when you take it on.",
        "proposal-decided" => "A change that you proposed was decided, or its time is over.",
        "assigned" => "A case was given to you, because nobody had taken it.",
        "passkey-enrolled" => {
            "A passkey was added to your account. If it was not you, end all sessions and tell an administrator."
        }
        "passkey-removed" => {
            "A passkey was removed from your account. If it was not you, end all sessions and tell an administrator."
        }
        "passkey-copied" => {
            "A passkey was shut: its counter went back, so there may be a copy of it. Its owner should look through their \
             sessions; an administrator should ask them."
        }
        "passkeys-replaced" => {
            "Somebody's passkeys were replaced, because they were said to be lost. Look at the account, and ask its owner if \
             you know nothing of it."
        }
        "recovery-requested" => {
            "An administrator asked that you begin with new passkeys, because you lost yours. A second one has to agree. If you \
             did not ask for it, stop it now on your account page."
        }
        "recovery-agreed" => {
            "Two administrators agreed that somebody begins with new passkeys. It is done after a wait, which the account's page \
             names; until then its owner and every administrator can stop it there."
        }
        "recovery-stopped" => "A request for new passkeys was stopped. The old ones go on working.",
        "new-browser" => {
            "Somebody signed in to your account from a browser that was not known. If it was not you, end all other \
             sessions and tell an administrator."
        }
        "identity-linked" => {
            "An account elsewhere was linked to you and signs you in from now on. If it was not you, take it away on your \
             account page, end all other sessions and tell an administrator."
        }
        "identity-unlinked" => {
            "An account elsewhere no longer signs you in. If it was not you who took it away, tell an administrator."
        }
        "address-added" => {
            "A mail address was added to your account. If it was not you, end all sessions and tell an administrator."
        }
        "token-issued" => {
            "A token for programs was made in your name. If it was not you, revoke it and tell an administrator."
        }
        _ => "There is news in a case that you take part in.",
    };
    if reader == Reader::Newcomer {
        return format!(
            "{what}\n\nYou have not signed in here yet. An administrator of the desk gives you a link that signs you in once; ask \
             whoever spoke with you about the role, if none came. Then you are asked here whether you take it on:\n{link}\n"
        );
    }
    format!("{what}\n\nRead on here (you will be asked to sign in):\n{link}\n")
}
