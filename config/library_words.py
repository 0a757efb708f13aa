"""Texts of libraries that we translate ourselves, because theirs is missing, wrong or in another tone.

Our catalogue is asked before theirs. A test holds each text against the library: one that it no longer says must go."""

from __future__ import annotations

from typing import Final

FROM_LIBRARIES: Final[dict[str, tuple[str | tuple[str, str], ...]]] = {
    "django": (
        ("%(num)d year", "%(num)d years"),
        ("%(num)d month", "%(num)d months"),
        ("%(num)d week", "%(num)d weeks"),
        ("%(num)d day", "%(num)d days"),
        ("%(num)d hour", "%(num)d hours"),
        ("%(num)d minute", "%(num)d minutes"),
        (
            "This password is too short. It must contain at least %d character.",
            "This password is too short. It must contain at least %d characters.",
        ),
        "The two password fields didn’t match.",
        "email address",
        ":",
        # The admin
        "Model name",
        "Add link",
        "Change or view list link",
        "After you’ve created a user, you’ll be able to edit more user options.",
        "Forgotten your login credentials?",
        "You may edit it again below.",
        "Thanks for spending some quality time with the web site today.",
        (
            "You are authenticated as %(username)s, but are not authorized to access this page. "
            "Would you like to login to a different account?"
        ),
    ),
    "allauth": (
        # Forms and what is wrong in them
        "Email",
        "Email address",
        "Email (optional)",
        "Username or email",
        "Password (again)",
        "New Password (again)",
        "You must type the same password each time.",
        "This account is currently inactive.",
        "You cannot remove your primary email address.",
        "This email address is already associated with this account.",
        "A user is already registered with this email address.",
        "Please type your current password.",
        "Incorrect password.",
        "Invalid or expired key.",
        "The password reset token was invalid.",
        "You cannot add more than %d email addresses.",
        "The email address is not assigned to any user account.",
        "Your primary email address must be verified.",
        "Username can not be used. Please use other username.",
        "The username and/or password you specified are not correct.",
        "The email address and/or password you specified are not correct.",
        "The new value must be different from the current one.",
        "Be patient, you are sending too many requests.",
        "Too many failed login attempts. Try again later.",
        # Its rows in the admin
        "email addresses",
        "verified",
        "Mark selected email addresses as verified",
        # Messages on pages
        "You cannot remove your primary email address (%(email)s).",
        "Confirmation email sent to %(email)s.",
        "You have confirmed %(email)s.",
        "Unable to confirm %(email)s because it is already confirmed by a different account.",
        "Removed email address %(email)s.",
        "Successfully signed in as %(name)s.",
        "You have signed out.",
        "Password successfully changed.",
        "Password successfully set.",
        "Primary email address set.",
        # Mails
        "Hello from %(site_name)s!",
        "Thank you for using %(site_name)s!\n%(site_domain)s",
        (
            "You're receiving this email because user %(user_display)s has given your email address "
            "to register an account on %(site_domain)s."
        ),
        "To confirm this is correct, go to %(activate_url)s",
        "Please Confirm Your Email Address",
        (
            "You're receiving this email because you or someone else has requested a password reset "
            "for your user account.\nIt can be safely ignored if you did not request a password reset. "
            "Click the link below to reset your password."
        ),
        "In case you forgot, your username is %(username)s.",
        "Password Reset Email",
        (
            "You are receiving this email because you or someone else tried to signup for an\n"
            "account using email address:\n\n%(email)s\n\n"
            "However, an account using that email address already exists.  In case you have\n"
            "forgotten about this, please use the password forgotten procedure to recover\n"
            "your account:\n\n%(password_reset_url)s"
        ),
        "Account Already Exists",
        (
            "You are receiving this email because you, or someone else, tried to access an account "
            "with email %(email)s. However, we do not have any record of such an account in our database."
        ),
        "This mail can be safely ignored if you did not initiate this action.",
        "If it was you, you can sign up for an account using the link below.",
        "Unknown Account",
    ),
}
