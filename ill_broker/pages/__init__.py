"""Pages that a browser is sent to."""

from flask import Blueprint, render_template

from ill_broker.texts.catalogue import say

blueprint = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


@blueprint.get("/verify")
def verify() -> str:
    """Confirm an e-mail address: the letter's link leads here, with its token behind the #."""
    return render_template("verify.html", say=say)


@blueprint.get("/reset")
def reset() -> str:
    """Set a new password: the letter's link leads here, with its token behind the #."""
    return render_template("reset.html", say=say)
